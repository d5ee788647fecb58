/**
 * The checked flow: what the rest of the engine works on. Only `lib/flow` can make one, so a flow that was
 * not checked cannot be run.
 */

import type { UsedText } from "./issue.ts";
import type { Messaging } from "./messaging.ts";
import type { FlowEndpoint, RemotePlace } from "./remote.ts";

/**
 * A stream: what one output port of an actor emits. `port` is `stdout`, `stderr`, the name of an extra output, or a key
 * of a split in brackets.
 */
export interface StreamRef {
  readonly actor: string;
  readonly port: string;
}

/** What an actor is. Paths are absolute, parameters are filled in; `{in.x}` and `{out.x}` are still to be filled. */
export type ActorSource =
  /** `handler` is the function that the program calls. */
  | { readonly kind: "run"; readonly argv: readonly [string, ...string[]]; readonly handler?: string }
  | { readonly kind: "sh"; readonly script: string }
  | { readonly kind: "value"; readonly bytes: Uint8Array }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "stdin" }
  /** No process: each record of its stdin goes to the stream of its key. */
  | { readonly kind: "split"; readonly rule: SplitRule }
  /** It lives in another program. */
  | { readonly kind: "remote"; readonly place: RemotePlace };

/** How several streams meet on one input: one after the other as written, or whole lines as they come. */
export type Merge = "concat" | "lines";

/** One input of an actor. `name` is `stdin` or the name of a port; aliases are expanded. Never empty. */
export interface InputPort {
  readonly name: string;
  readonly streams: readonly StreamRef[];
  readonly merge: Merge;
  /** It is given as a complete regular file, so the actor starts when that is there. */
  readonly isFile?: true;
}

/** An extra output port: the actor writes it on file descriptor `fd`. */
export interface OutputPort {
  readonly name: string;
  readonly fd: number;
}

export interface Actor {
  readonly name: string;
  readonly source: ActorSource;
  readonly inputs: readonly InputPort[];
  readonly outputs: readonly OutputPort[];
  /** Added to the inherited environment: the flow's `env`, then the actor's; `SLUICE_PARAM_*` are included. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  /** Exit codes that count as success. */
  readonly ok: readonly number[];
  /** The longest it may run, and the longest it may move no byte while it could, in milliseconds. */
  readonly timeoutMs?: number;
  readonly stallMs?: number;
  /** How it is run again when it fails. Its output is withheld until it has ended well. */
  readonly retry?: Retry;
  /** Those that are run again together with it when one of them has failed. */
  readonly unit?: Unit;
  readonly limits?: ActorLimits;
  /** It is several processes, each for a part of the lines of its stdin. */
  readonly workers?: Workers;
  /** It is over a set of a stream: a process for each record. */
  readonly members?: Members;
  /** What it wrote in an earlier run is taken for its output, when it would do the same again. */
  readonly isCached?: true;
  /** The files that it reads by itself: absolute paths and patterns. Undefined when the flow does not say it. */
  readonly reads?: readonly string[];
  /** What it writes is kept whole while the flow runs, for those that are spawned later. */
  readonly isKept?: true;
  /** A file that stands for what a process or standard input has brought in an earlier run. */
  readonly isLoaded?: true;
  /** It talks in messages: this is how. */
  readonly messaging?: Messaging;
  readonly explain?: string;
}

/** What an actor is that is over the records of a stream: the actor itself is only their pattern. */
export interface Members {
  readonly set: string;
  /** The input by which the records come. */
  readonly port: string;
  /** The records are the keys of this split, and each member may read those of its own key. */
  readonly keysOf?: string;
  /** `input`: their outputs in the order of the records. `any`: in the order in which they end. */
  readonly order: "input" | "any";
  /** How many there are at a time where nobody says it. */
  readonly atOnce: number;
  /** What each of them wrote in an earlier run is taken for its output. */
  readonly isCached?: true;
  /** Makes the actor of a record, numbered from 0. */
  readonly make: (record: MemberRecord, index: number) => MadeMember;
}

/** A record as it has come; or why it is none. */
export type MemberRecord = { readonly text: string } | { readonly problem: string };

/** The actor of one record, with all that it says filled in; or why there is none. `name` is an instance's. */
export type MadeMember =
  | { readonly ok: true; readonly actor: Actor }
  | { readonly ok: false; readonly name: string; readonly problem: string };

/** Several processes of one actor, each for a part of the lines of its stdin. */
export interface Workers {
  readonly count: number;
  /**
   * `blocks`: a process for each block of lines, of so many bytes or of a size that adapts. `lanes`: `count` processes
   * for the whole input; a line goes to that of its key.
   */
  readonly spread:
    | { readonly kind: "blocks"; readonly bytes?: number }
    | { readonly kind: "lanes"; readonly key: KeyRule };
  /** `input`: the output of one process after that of the other. `any`: whole lines as they come. */
  readonly order: "input" | "any";
  /** How many lines at the beginning each process is given. */
  readonly headerLines: number;
}

/** Where the key of a line is: in its JSON, in a column (from 1), or in the first group of a pattern. */
export type KeyRule =
  | { readonly kind: "pointer"; readonly path: readonly string[] }
  /** Without a separator columns are parted by any blanks, as for awk. */
  | { readonly kind: "column"; readonly column: number; readonly separator?: string }
  | { readonly kind: "pattern"; readonly pattern: string };

/** How a stream is split by key. */
export interface SplitRule {
  /** `name`: the column that is called so in the last line of the header. */
  readonly key: KeyRule | { readonly kind: "name"; readonly name: string; readonly separator: string };
  /** `csv`: a record is a row, whose quoted cells may hold line breaks. */
  readonly format: "lines" | "csv";
  /** How many records at the beginning each of its streams has. */
  readonly headerLines: number;
}

/** Further tries of an actor that has failed. */
export interface Retry {
  /** How many there may be after the first. */
  readonly max: number;
  /** The wait before the first of them, in milliseconds; it doubles with each, and varies by half of itself. */
  readonly backoffMs: number;
  /** No further try begins later than this after the first one began, in milliseconds. */
  readonly withinMs?: number;
}

/** The actors of a flow that is used with `retry`: when one of them has failed, all of them are run again. */
export interface Unit {
  /** The actor that stands for the flow. */
  readonly name: string;
  readonly retry: Retry;
}

/** What the processes of an actor may use; what is not there is not limited by the engine. */
export interface ActorLimits {
  /** Resident memory of all of them together. */
  readonly memoryBytes?: number;
  /** Processor time of each of them, in milliseconds: whole seconds, as the system counts it. */
  readonly cpuMs?: number;
  /** Files that each of them has open at the same time. */
  readonly files?: number;
}

/** The absolute path of the file of a record's member; or why there is none. */
export type FileOfMember = (
  record: MemberRecord,
  index: number,
) => { readonly ok: true; readonly path: string } | { readonly ok: false; readonly problem: string };

/** A path, or a part of one, in pieces: text, or what the key of a stream is, or its number from 0. */
export type KeyedPath = readonly (string | { readonly of: "key" | "index" })[];

/** An output of the flow: `target` is `-` (standard output) or an absolute path. Several streams are concatenated. */
export interface FlowOutput {
  readonly target: string;
  /** As it is named in `out`; undefined where `out` names no files. */
  readonly key?: string;
  /** It is a file for each member of a set of a stream; `target` is only their pattern. */
  readonly members?: { readonly set: string; readonly fileOf: FileOfMember };
  /** It is a file for each key of a split; `target` is only their pattern. */
  readonly keyed?: KeyedPath;
  /** The file name of which it is the one for a member, as in `counts/{log.stem}.txt`. Its folders are made. */
  readonly of?: string;
  readonly streams: readonly StreamRef[];
}

/** An output that is a file for each key. */
export type KeyedOutput = FlowOutput & { readonly keyed: KeyedPath };

export function isKeyed(output: FlowOutput): output is KeyedOutput {
  return output.keyed !== undefined;
}

/** What a run may use, as far as the flow says; the rest has defaults. */
export interface FlowLimits {
  /** Processes at the same time. */
  readonly processes?: number;
  /** Bytes that grown buffers hold in memory, and on disk. */
  readonly memoryBytes?: number;
  readonly spillBytes?: number;
}

/** A flow that an actor of another one stands for: a box around actors whose names begin with its own and a slash. */
export interface UsedFlow {
  /** What its name stands for: its standard output. */
  readonly streams: readonly StreamRef[];
  readonly explain?: string;
  /** Undefined for all that an actor over sets stands for. */
  readonly text?: UsedText;
}

/** What the flow itself was read from; absolute paths. */
export interface FlowOrigins {
  /** The flow file, those of flows that it uses, and tables. */
  readonly files: readonly string[];
  /** Folders in which, and in whose folders, its sets look for files. */
  readonly folders: readonly string[];
}

declare const checked: unique symbol;

export interface Flow {
  /** Only the type system knows it: a flow comes out of the checks of `lib/flow` and from nowhere else. */
  readonly [checked]: true;
  readonly name: string;
  /** The file it was read from, absolute; undefined for one that was built or read from standard input. */
  readonly file?: string;
  /** In the order of declaration. */
  readonly actors: ReadonlyMap<string, Actor>;
  /** Each actor that is over sets, to the names of its instances, which are the actors. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** The flows that it uses, by the names of the actors that stand for them; also those that these use. */
  readonly uses: ReadonlyMap<string, UsedFlow>;
  readonly origins: FlowOrigins;
  /** What nobody should see: values of parameters that are secret. */
  readonly secrets: readonly string[];
  /** Sets that nothing is over. */
  readonly unusedSets: readonly string[];
  /** Alias to its streams, expanded, in order. */
  readonly aliases: ReadonlyMap<string, readonly StreamRef[]>;
  readonly outputs: readonly FlowOutput[];
  readonly start: "eager" | "lazy";
  readonly onFailure: "stop" | "continue";
  /** Time between SIGTERM and SIGKILL, in milliseconds. */
  readonly graceMs: number;
  /** The longest a run may take, in milliseconds. */
  readonly timeoutMs?: number;
  readonly limits: FlowLimits;
  /** Where other programs send what is for its actors. */
  readonly endpoint?: FlowEndpoint;
}

/** True for actors that are an operating-system process when they run. */
export function isProcess(actor: Actor): boolean {
  return actor.source.kind === "run" || actor.source.kind === "sh";
}

/** True for an actor of which something may be in the cache, or of whose members. */
export function mayBeCached({ isCached, members }: Pick<Actor, "isCached" | "members">): boolean {
  return isCached === true || members?.isCached === true;
}

/** The stream of a split that is the list of its keys, a line of JSON for each when all have come. */
export const KEYS_PORT = "keys";

/** True when a member reads by this input the records of its own key. */
export function isOwnRecords({ members }: Pick<Actor, "members">, { streams: [stream] }: InputPort): boolean {
  return members?.keysOf !== undefined && stream?.actor === members.keysOf && stream.port === "stdout";
}

/** True for actors that split what they read by key. */
export function isSplit(actor: Actor | undefined): boolean {
  return actor?.source.kind === "split";
}

/** True for actors that talk in messages. */
export function isMessageActor(actor: Actor | undefined): boolean {
  return actor?.messaging !== undefined && (isProcess(actor) || actor.source.kind === "remote");
}

/** `foo` for its stdout, `foo.audit` for another port, `rows[NO]` for a key of a split, whose port is `[NO]`. */
export function streamName({ actor, port }: StreamRef): string {
  if (port === "stdout") return actor;
  return port.startsWith("[") ? `${actor}${port}` : `${actor}.${port}`;
}

/** The key of a stream in maps. */
export function streamKey(stream: StreamRef): string {
  return `${stream.actor} ${stream.port}`;
}
