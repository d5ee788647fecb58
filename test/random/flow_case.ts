/**
 * A flow to be tried, as data that can be kept in a file of the repository: programs and files are named without
 * their place on this machine. `placeCase` puts it into a folder, where it can be run.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { StandardKind } from "./pipes.ts";

/** The engine's folder. */
export const root = resolve(import.meta.dirname, "../..");

const actorFolder = join(import.meta.dirname, "actors");
const bin = join(root, "node_modules", ".bin");

/** The runtimes that can run the engine. */
export const runtimeNames = ["deno", "bun", "node"] as const;

/** One of them. */
export type RuntimeName = typeof runtimeNames[number];

/** A stream or a list of streams, as in a flow file. */
export type Streams = string | readonly string[];

/** An input port: streams, which may be given as a complete file. */
export type PlainInput = Streams | { readonly from: Streams; readonly as: "file" };

/** An actor as in a flow file; in `run`, a word that begins with `actors/` is a program of this folder. */
export interface PlainActor {
  readonly run?: readonly string[];
  readonly sh?: string;
  readonly value?: unknown;
  readonly file?: string;
  readonly stdin?: true;
  readonly in?: Streams | Readonly<Record<string, PlainInput>>;
  readonly workers?: number | {
    readonly count: number;
    readonly block?: string;
    readonly by?: "key";
    readonly key?: number | object;
    readonly order?: "any";
  };
  readonly retry?: number;
  readonly cache?: boolean;
  readonly merge?: "concat" | "lines";
  readonly outputs?: Readonly<Record<string, number>>;
  readonly ok?: readonly number[];
}

/** An actor as it is written: it may have instances. */
export interface WrittenActor extends PlainActor {
  readonly each?: string | readonly string[];
}

/** A flow as in a flow file. */
export interface PlainFlow {
  readonly actors: Readonly<Record<string, PlainActor>>;
  readonly aliases?: Readonly<Record<string, Streams>>;
  readonly out?: Streams | Readonly<Record<string, Streams>>;
  readonly start?: "eager" | "lazy";
  readonly limits?: { readonly processes?: number; readonly memory?: string };
  readonly grace?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A flow and all that its run depends on. */
export interface FlowCase {
  readonly seed: number;
  readonly runtime: RuntimeName;
  /** How the engine's standard input and output are made. */
  readonly stdin: StandardKind;
  readonly stdout: StandardKind;
  /**
   * Files that are there before the run: name to the arguments of `source.py`'s stream, `BYTES:SEED:KIND`; the kind
   * `short` is made without a process.
   */
  readonly files: Readonly<Record<string, string>>;
  /** Further files, as they are. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly flow: PlainFlow;
  /** The same flow as the engine gets it, when that is shorter: with sets, and actors that have instances. */
  readonly written?: PlainFlow & { readonly sets: Readonly<Record<string, object>> };
  /** Flows that `written` uses, by their files. */
  readonly used?: Readonly<Record<string, PlainFlow>>;
  /** True when the run is captured in a database, which is compared too. */
  readonly isCaptured?: boolean;
  /** How many descriptors the engine may have, if not as many as whoever starts it. */
  readonly openFilesMax?: number;
}

/** The name of the file that is the engine's standard input. */
export const STDIN_FILE = "stdin.dat";

/** A case in a folder of this machine. */
export interface PlacedCase {
  readonly flowCase: FlowCase;
  /** With the programs and folders of this machine. */
  readonly flow: PlainFlow;
  /** Holds all of the case, and is named in the environment of each of its processes. */
  readonly folder: string;
  /** Holds `flow.json` and the files it names. */
  readonly flowFolder: string;
}

/** Writes the files of a case into an empty folder. */
export function placeCase(flowCase: FlowCase, folder: string): PlacedCase {
  const flowFolder = join(folder, "flow");
  const actorTemporary = join(folder, "actor-tmp");
  mkdirSync(flowFolder);
  mkdirSync(actorTemporary);
  writeFileSync(join(flowFolder, STDIN_FILE), "");
  for (const [name, stream] of Object.entries(flowCase.files)) writeInput(join(flowFolder, name), stream);
  for (const [name, text] of Object.entries(flowCase.texts ?? {})) {
    writeFileSync(join(flowFolder, name), text);
  }
  const { flow, written = flow } = flowCase;
  // `sort` and `tac` keep files in TMPDIR, which the engine may be given a small one of.
  const env = { ...flow.env, LC_ALL: "C", TMPDIR: actorTemporary };
  const place = (flow: PlainFlow): PlainFlow => ({ ...flow, env, actors: placePrograms(flow) });
  for (const [name, content] of Object.entries({ ...flowCase.used, "flow.json": written })) {
    writeFileSync(join(flowFolder, name), JSON.stringify(place(content), undefined, 1));
  }
  return { flowCase, flow: place(flow), folder, flowFolder };
}

function placePrograms({ actors }: PlainFlow): PlainFlow["actors"] {
  return Object.fromEntries(
    Object.entries(actors).map(([name, actor]) => [
      name,
      actor.run === undefined ? actor : { ...actor, run: actor.run.map(placeWord) },
    ]),
  );
}

/** The words that start the engine on a runtime. */
export function engineCommand(runtime: RuntimeName): readonly [string, ...string[]] {
  const program = join(root, "mod.ts");
  return runtime === "deno" ? [join(bin, runtime), "run", "-A", program] : [join(bin, runtime), program];
}

/** The entries of `in` by port. */
export function portsOf(actor: PlainActor): Readonly<Record<string, readonly string[]>> {
  const { in: input } = actor;
  if (input === undefined) return {};
  if (isStreams(input)) return { stdin: listOf(input) };
  return Object.fromEntries(
    Object.entries(input).map(([port, given]) => [port, listOf(isStreams(given) ? given : given.from)]),
  );
}

/** True for a stream or a list of streams, false for an object of them. */
export function isStreams(value: Streams | object): value is Streams {
  return typeof value === "string" || Array.isArray(value);
}

/** One stream or several, as a list. */
export function listOf(streams: Streams): readonly string[] {
  return typeof streams === "string" ? [streams] : streams;
}

const programs = new Map<string, string>();

function placeWord(word: string, index: number): string {
  if (word.startsWith("actors/")) return join(actorFolder, word.slice("actors/".length));
  if (index > 0 || (word !== "python3" && word !== "node")) return word;
  const known = programs.get(word);
  if (known !== undefined) return known;
  const found = word === "node" ? realpathSync(join(bin, word)) : findPython();
  programs.set(word, found);
  return found;
}

/** The interpreter itself: what PATH leads to may be a slow shell script that looks for it. */
function findPython(): string {
  const asked = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
  return asked.status === 0 ? asked.stdout.trim() : "python3";
}

function writeInput(path: string, stream: string): void {
  const [bytes, seed, kind] = stream.split(":");
  mkdirSync(dirname(path), { recursive: true });
  if (kind === "short") return writeFileSync(path, makeLines(Number(bytes), `${seed}`));
  const fd = openSync(path, "w");
  const source = join(actorFolder, "source.py");
  const args = ["-BES", source, "65536", "sequence", `1:${stream}`];
  const { status } = spawnSync(placeWord("python3", 0), args, { stdio: ["ignore", fd, "inherit"] });
  closeSync(fd);
  if (status !== 0) throw new Error(`Cannot write "${path}": source.py ended with ${status}`);
}

/** The last line may be cut. */
function makeLines(bytes: number, seed: string): string {
  const line = `${seed} short and plain\n`;
  return line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes);
}
