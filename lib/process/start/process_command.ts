/**
 * What is really executed for an actor: the program's path, its arguments and environment, with ports filled in.
 */
import { isAbsolute } from "node:path";
import process from "node:process";
import type { Actor } from "../../core/flow.ts";
import type { TraceContext } from "../../core/trace.ts";
import { traceParentOf } from "../../core/trace.ts";
import { PROGRAMS_MAX } from "../../core/limits/process.ts";
import { findProgram } from "./preflight.ts";
import type { ProcessPorts } from "../state/wires.ts";

export interface ProcessCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** As people write it: the argv of the flow. */
  readonly shown: readonly string[];
}

/**
 * `base` is the environment that every actor inherits. An unknown program is passed on as it is: the system tells
 * then that it is not there.
 */
export function toCommand(
  { actor, copy }: { readonly actor: Actor; readonly copy?: { readonly slot?: number } | undefined },
  { wires, base, programs, trace }: {
    readonly wires: ProcessPorts;
    readonly base: Readonly<Record<string, string>>;
    /** Where the run is told as a trace: the actor's span is the parent of whatever its processes tell. */
    readonly trace?: TraceContext | undefined;
    /** Programs that were found before. */
    readonly programs: Map<string, string>;
  },
): ProcessCommand {
  const ports = new Map<string, string>();
  const env: Record<string, string> = { ...base, ...actor.env, SLUICE_ACTOR: actor.name };
  if (trace !== undefined) env["TRACEPARENT"] = traceParentOf(trace, actor.name);
  if (copy?.slot !== undefined) {
    env["SLUICE_WORKER"] = String(copy.slot);
    env["SLUICE_WORKERS"] = String(actor.workers?.count ?? 1);
  }
  for (const [kind, fds] of [["in", wires.inputFds], ["out", wires.outputFds]] as const) {
    for (const [port, fd] of fds) {
      if (port === "stdin") continue;
      ports.set(`{${kind}.${port}}`, `/dev/fd/${fd}`);
      env[toVariable(`SLUICE_${kind}_${port}`)] = `/dev/fd/${fd}`;
    }
  }
  for (const [port, path] of wires.inputPaths) {
    ports.set(`{in.${port}}`, path);
    env[toVariable(`SLUICE_IN_${port}`)] = path;
  }
  if (actor.source.kind === "sh") {
    const shown = ["sh", "-c", actor.source.script];
    return { file: "/bin/sh", args: shown.slice(1), env, shown };
  }
  if (actor.source.kind !== "run") throw new Error(`Actor "${actor.name}" is no process`);
  const shown = actor.source.argv.map((text) =>
    text.replace(/\{(?:in|out)\.[A-Za-z0-9_-]+\}/g, (port) => ports.get(port) ?? port)
  );
  const [program = "", ...args] = shown;
  return { file: findOnce(programs, { program, path: env["PATH"], folder: actor.cwd }), args, env, shown };
}

function findOnce(
  programs: Map<string, string>,
  { program, path, folder }: {
    readonly program: string;
    readonly path: string | undefined;
    readonly folder: string;
  },
): string {
  if (isAbsolute(program)) return program;
  const key = JSON.stringify([program, path, folder]);
  const known = programs.get(key);
  if (known !== undefined) return known;
  const found = findProgram(program, { path, folder }) ?? program;
  // The program may be another one in each member.
  if (programs.size >= PROGRAMS_MAX) programs.clear();
  programs.set(key, found);
  return found;
}

/** `SLUICE_IN_LEFT` for the input port `left`; `-` becomes `_`. */
function toVariable(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}

/** The environment that every actor inherits: the engine's, and the run's mark, by which its processes are found. */
export function inheritedEnvironment(run: string): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) env[name] = value;
  const outer = env["SLUICE_RUN"];
  return { ...env, SLUICE_RUN: outer === undefined ? run : `${outer}:${run}` };
}
