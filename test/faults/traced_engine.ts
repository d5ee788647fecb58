/**
 * One run of the engine under strace. The tracer is attached when the engine has loaded and stopped itself, follows its
 * threads, and lets go of what the engine starts when that becomes another program.
 */
import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { withPatience } from "../random/patience.ts";
import { describeProcess, findProcesses } from "../random/processes.ts";
import { buildEngine } from "./built_engine.ts";

const root = resolve(import.meta.dirname, "../..");
const bin = join(root, "node_modules", ".bin");

export interface FaultRuntime {
  readonly name: string;
  /** What a program comes behind. */
  readonly command: readonly string[];
}

export const RUNTIMES: readonly FaultRuntime[] = [
  { name: "node", command: [join(bin, "node")] },
  { name: "deno", command: [join(bin, "deno"), "run", "-A"] },
  { name: "bun", command: [join(bin, "bun")] },
];

/** Throws for an unknown name. */
export function runtimeOf(name: string): FaultRuntime {
  const found = RUNTIMES.find((runtime) => runtime.name === name);
  if (found === undefined) throw new Error(`Unknown runtime "${name}" (node, deno or bun)`);
  return found;
}

/** Why nothing can be traced here; undefined where it can. */
export function whyNotTraced(): string | undefined {
  const tried = spawnSync("strace", ["-o", "/dev/null", "true"], { encoding: "utf8" });
  if (tried.error !== undefined) return "there is no strace here (apt-get install strace)";
  return tried.status === 0 ? undefined : `strace may not trace here: ${tried.stderr.trim()}`;
}

export interface TracedEnd {
  /** Undefined when it had not ended in time. */
  readonly code: number | null | undefined;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What everybody was doing when it had not ended in time. */
  readonly hang?: string;
}

/** How long a run may take before it counts as one that never ends, on a machine of its own. */
const HANG_MS = 60_000;
const LOOK_MS = 10;
/** How long its pipes are waited for when it has ended. */
const PIPES_MS = 2_000;

/** Runs the engine in a folder, traced with these options of strace from its first own call on. */
export async function runTraced(
  { command }: FaultRuntime,
  { args, folder, trace }: {
    readonly args: readonly string[];
    readonly folder: string;
    readonly trace: readonly string[];
  },
): Promise<TracedEnd> {
  const [program = "", ...words] = command;
  // Reading what was compiled before is more calls, and not the same ones each time.
  const { NODE_COMPILE_CACHE: _, ...inherited } = process.env;
  const child = spawn(program, [...words, await buildEngine(), ...args], {
    cwd: folder,
    env: {
      ...inherited,
      TMPDIR: join(folder, "tmp"),
      SLUICE_CACHE: join(folder, "cache"),
      NO_COLOR: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.on("error", () => undefined); // It has no pid then.
  const ended = collect(child);
  const { pid } = child;
  if (pid === undefined) throw new Error(`Cannot start ${program}`);
  await until(() => /^State:\s+T/m.test(statusOf(pid)) || child.exitCode !== null, `${program} to stop`);
  const tracer = spawn("strace", ["-q", "-f", "-b", "execve", ...trace, "-p", String(pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const gone = new Promise<void>((settle) => tracer.on("close", () => settle()));
  let said = "";
  tracer.stderr?.setEncoding("utf8").on("data", (text: string) => said += text);
  await until(() => isTraced(pid) || tracer.exitCode !== null, "the tracer");
  if (tracer.exitCode !== null) throw new Error(`strace: ${said}`);
  child.kill("SIGCONT");
  const clock = new AbortController();
  const end = await Promise.race([
    ended,
    sleep(withPatience(HANG_MS), undefined, { signal: clock.signal }).catch(() => undefined),
  ]);
  clock.abort();
  if (end !== undefined) {
    await gone;
    return end;
  }
  const hang = findProcesses(folder).map(describeProcess).join("\n");
  child.kill("SIGKILL");
  const { stdout, stderr } = await ended;
  await gone;
  return { code: undefined, signal: null, stdout, stderr, hang };
}

function collect(child: ChildProcess): Promise<TracedEnd> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("latin1").on("data", (text: string) => stdout += text);
  child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const closed = new Promise<void>((settle) => child.on("close", () => settle()));
  return new Promise((settle) =>
    child.on("exit", (code, signal) => {
      // What it has left behind may hold its pipes.
      const drained = Promise.race([closed, sleep(PIPES_MS)]);
      void drained.then(() => settle({ code, signal, stdout, stderr }));
    })
  );
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + withPatience(HANG_MS);
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await sleep(LOOK_MS);
  }
}

function isTraced(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((task) =>
    /^TracerPid:\s+[1-9]/m.test(statusOf(`${pid}/task/${task}`))
  );
}

function statusOf(place: number | string): string {
  try {
    return readFileSync(`/proc/${place}/status`, "utf8");
  } catch {
    return "State:\tT\nTracerPid:\t1"; // A thread that has ended meanwhile.
  }
}
