/**
 * What a flow has to give: its actors one at a time, each after those it reads, every stream in a file. It knows of the
 * flow file what `docs/flow_file.md` says, and shares no code with the engine.
 */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import type { PlacedCase, PlainActor, PlainFlow, Streams } from "./flow_case.ts";
import { isStreams, listOf, portsOf, STDIN_FILE } from "./flow_case.ts";

const ACTOR_MS_MAX = 120_000;
const COPY_BYTES = 1_048_576;
const LINE_FEED = 10;

/** Evaluates a case. The result: for `-` and each file of `out`, the file that holds what it has to be. */
export function evaluate(placed: PlacedCase, folder: string): ReadonlyMap<string, string> {
  const evaluation = new Evaluation(placed, folder);
  const outputs = outputsOf(placed.flow);
  return new Map([...outputs].map(([target, streams]) => {
    return [target, evaluation.join(`out ${target}`, { streams, merge: "concat" })];
  }));
}

/** The streams of each output: as `out` says, else alias `.end`, else what nobody reads. */
export function outputsOf(flow: PlainFlow): ReadonlyMap<string, readonly string[]> {
  const { out, aliases } = flow;
  const expand = (streams: Streams): readonly string[] => expandAliases(flow, listOf(streams));
  if (out !== undefined) {
    if (isStreams(out)) return new Map([["-", expand(out)]]);
    return new Map(Object.entries(out).map(([target, streams]) => [target, expand(streams)]));
  }
  if (aliases?.[".end"] !== undefined) return new Map([["-", expand(".end")]]);
  const actors = Object.entries(flow.actors);
  const read = new Set(actors.flatMap(([, actor]) => Object.values(portsOf(actor)).flatMap(expand)));
  const all = actors.flatMap(([name, { outputs }]) => {
    return [name, ...Object.keys(outputs ?? {}).map((port) => `${name}.${port}`)];
  });
  return new Map([["-", all.filter((name) => !read.has(name))]]);
}

/** Aliases do not name aliases here, and none names a stream twice. */
function expandAliases(flow: PlainFlow, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => listOf(flow.aliases?.[name] ?? name));
}

class Evaluation {
  readonly #placed: PlacedCase;
  readonly #folder: string;
  readonly #done = new Set<string>();

  constructor(placed: PlacedCase, folder: string) {
    this.#placed = placed;
    this.#folder = folder;
  }

  /** The file that holds the streams, one after the other. */
  join(name: string, { streams, merge }: { streams: readonly string[]; merge: "concat" | "lines" }): string {
    const files = streams.map((stream) => this.#fileOf(stream));
    const [first] = files;
    if (first !== undefined && files.length === 1 && merge === "concat") return first;
    const path = join(this.#folder, `${name.replaceAll("/", "_")}.joined`);
    const fd = openSync(path, "w");
    for (const file of files) {
      const last = append(file, fd);
      // `lines` completes a last line that has no line break.
      if (merge === "lines" && last !== undefined && last !== LINE_FEED) writeSync(fd, "\n");
    }
    closeSync(fd);
    return path;
  }

  #fileOf(stream: string): string {
    const [name = "", port = "stdout"] = stream.split(".");
    const actor = this.#placed.flow.actors[name];
    if (actor === undefined) throw new Error(`The flow has no actor "${name}"`);
    if (!this.#done.has(name)) this.#evaluate(name, actor);
    this.#done.add(name);
    return this.#path(name, port);
  }

  #path(name: string, port: string): string {
    return join(this.#folder, `${name}.${port}`);
  }

  #evaluate(name: string, actor: PlainActor): void {
    const path = this.#path(name, "stdout");
    const { flowFolder } = this.#placed;
    if (actor.value !== undefined) {
      writeFileSync(path, typeof actor.value === "string" ? actor.value : `${JSON.stringify(actor.value)}\n`);
    } else if (actor.file !== undefined) copyFileSync(join(flowFolder, actor.file), path);
    else if (actor.stdin === true) copyFileSync(join(flowFolder, STDIN_FILE), path);
    else this.#run(name, actor);
  }

  #run(name: string, actor: PlainActor): void {
    const { flow, flowFolder } = this.#placed;
    const ports = new Map<string, string>();
    for (const [port, list] of Object.entries(portsOf(actor))) {
      const streams = expandAliases(flow, list);
      ports.set(`in.${port}`, this.join(`${name}.in.${port}`, { streams, merge: actor.merge ?? "concat" }));
    }
    const stdin = openSync(ports.get("in.stdin") ?? "/dev/null", "r");
    const fds = [stdin, openSync(this.#path(name, "stdout"), "w"), openSync(this.#path(name, "stderr"), "w")];
    const stdio: (number | "ignore")[] = [...fds];
    for (const [port, fd] of Object.entries(actor.outputs ?? {})) {
      ports.set(`out.${port}`, this.#path(name, port));
      while (stdio.length <= fd) stdio.push("ignore");
      fds.push(stdio[fd] = openSync(this.#path(name, port), "w"));
    }
    const [program = "", ...args] = wordsOf(actor, ports);
    const env = { ...process.env, ...flow.env, ...variablesOf(ports), SLUICE_ACTOR: name };
    const ended = spawnSync(program, args, {
      cwd: flowFolder,
      env,
      stdio,
      timeout: ACTOR_MS_MAX,
      killSignal: "SIGKILL",
    });
    for (const fd of fds) closeSync(fd);
    if (ended.status !== null && (actor.ok ?? [0]).includes(ended.status)) return;
    const how = ended.error?.message ?? ended.signal ?? `exit ${ended.status}`;
    const said = readFileSync(this.#path(name, "stderr"), "latin1").slice(-1000);
    throw new Error(`The reference cannot run ${name} (${basename(program)}): ${how}\n${said}`);
  }
}

function wordsOf({ run, sh }: PlainActor, ports: ReadonlyMap<string, string>): readonly string[] {
  if (sh !== undefined) return ["sh", "-c", sh];
  return (run ?? []).map((word) =>
    word.replace(/\{(in|out)\.([a-z0-9]+)\}/g, (text, kind, port) => {
      return ports.get(`${kind}.${port}`) ?? text;
    })
  );
}

function variablesOf(ports: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    [...ports].map(([port, path]) => [`SLUICE_${port.replace(".", "_").toUpperCase()}`, path]),
  );
}

/** Copies a file to the end of an open one. The last byte, if there is one. */
function append(file: string, to: number): number | undefined {
  if (statSync(file).size === 0) return undefined;
  const from = openSync(file, "r");
  const buffer = new Uint8Array(COPY_BYTES);
  let last: number | undefined;
  for (let count = readSync(from, buffer); count > 0; count = readSync(from, buffer)) {
    writeSync(to, buffer, 0, count);
    last = buffer[count - 1];
  }
  closeSync(from);
  return last;
}
