/**
 * What relays know of themselves. A stream is read once and given to each of its edges; a join writes its edges to
 * one pipe or file.
 *
 *   stream: unopened ──open──▶ open ──last byte, or closed──▶ ended ──rewind──▶ unopened
 *   join:   unopened ──open──▶ open ──last edge ended, or its reader left──▶ ended, or unopened while it is kept
 */
import type { Merge } from "../../core/flow.ts";
import type { PoolInput, PoolOutput } from "./pool_sides.ts";
import type { StreamLog } from "./stream_log.ts";
import type { Tap } from "./tap.ts";

/** Where the bytes of a stream come from. Into `tap`, a pipe's write end, goes a copy of everything. */
export type StreamSource =
  | {
    readonly kind: "pipe" | "file";
    readonly fd: number;
    readonly tap?: number;
    /** A named pipe that nobody has written to yet: it is read when the system tells of a writer. @default false */
    readonly isUnwritten?: boolean;
  }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | PathSource;

/** A file that may let its reader wait, such as a terminal, opened so that it does not. */
export interface DeviceSource {
  readonly kind: "device";
  readonly fd: number;
}

/** What a stream is opened with. */
export type StreamOpening = StreamSource | DeviceSource;

/** Where the bytes of a join go: a pipe, a file that is open, or one that is opened when bytes may come. */
export type JoinTarget = { readonly fd: number; readonly isFile: boolean } | { readonly path: string };

/** A file of the flow, open only while it is read. */
export interface PathSource {
  readonly kind: "path";
  readonly path: string;
  fd: number | undefined;
}

export interface StreamState {
  readonly id: number;
  readonly edges: EdgeState[];
  readonly log: StreamLog;
  phase: "unopened" | "open" | "ended";
  source: StreamSource | undefined;
  /** Something may be there to be read. */
  isReadable: boolean;
  /** Bytes taken from it. */
  taken: number;
  /** When bytes were last taken from it. */
  movedAt: number;
  hasBegun: boolean;
  /** Nothing of it is given on before its writer has ended well. */
  isWithheld: boolean;
  /** What workers write and it is put together from. */
  gathered: PoolOutput | undefined;
  /** How many bytes it may always hold, when it is logged. */
  readonly shareBytes: number;
  tap: Tap | undefined;
  /** False when it was closed before its writer had ended it, or could not be read. */
  isWhole: boolean;
}

export interface EdgeState {
  readonly id: number;
  readonly stream: StreamState;
  readonly join: JoinState;
  /** How far its reader has been given the stream. */
  position: number;
  /** How many bytes the stream may be ahead of it. */
  capacity: number;
  isDropped: boolean;
  /** It leads out of a unit: nothing is given on before all of that has ended well. */
  isWithheld: boolean;
  /** It leads into a unit: what was given is kept, so that it can be given again from the beginning. */
  isKept: boolean;
  /** When bytes were last given on. */
  movedAt: number;
}

export interface JoinState {
  readonly id: number;
  readonly merge: Merge;
  readonly edges: EdgeState[];
  phase: "unopened" | "open" | "ended";
  fd: number;
  isFile: boolean;
  /** The file that `fd` is when it is open. */
  path: string | undefined;
  /** What was given is kept, so that it can be given again from the beginning. */
  isKept: boolean;
  /** It gets a copy; it is nobody's reader. */
  readonly isCopy: boolean;
  /** The workers among whom it is cut; it has no pipe then. */
  cut: PoolInput | undefined;
  /** The target may take something. */
  isWritable: boolean;
  /** Which edge is read, of a `concat`. */
  current: number;
  /** Lines that were merged and not yet written. */
  pending: Uint8Array | undefined;
  /** Of `lines`: the edge that has the turn in the middle of a long line, and the begun lines of each edge. */
  turn: EdgeState | undefined;
  readonly begun: Map<EdgeState, Uint8Array>;
}

/** True when all readers of a stream have left. */
export function isLost({ edges }: StreamState): boolean {
  return edges.every(({ isDropped, join }) => isDropped || join.isCopy);
}

/** True when no more bytes will come over the edge than its reader has got. */
export function isAtEnd(edge: EdgeState): boolean {
  const { phase, taken } = edge.stream;
  return phase === "ended" && !isHeldBack(edge) && edge.position === taken;
}

/** True when bytes of the edge wait in the engine. */
export function hasHeld(edge: EdgeState): boolean {
  return !isHeldBack(edge) && edge.position < edge.stream.taken;
}

/** True while nothing is given on over the edge: its writer, or the unit that it leads out of, may be run again. */
export function isHeldBack({ stream, isWithheld }: EdgeState): boolean {
  return stream.isWithheld || isWithheld;
}

/** True when everything of the stream goes through its log. */
export function isLogged({ edges, isWithheld, gathered, source }: StreamState): boolean {
  if (source?.kind === "bytes" || source?.kind === "path") return false; // They can be read again as they are.
  return isWithheld || gathered !== undefined || edges.length > 1 ||
    edges.some((edge) => edge.join.isKept || edge.isKept || edge.isWithheld);
}

/** From where on the bytes of an edge may be asked for. */
export function floorOf({ join, position, isKept }: EdgeState): number {
  return join.isKept || isKept ? 0 : position;
}

/** True when whole lines of several edges are merged. */
export function isLines({ merge, edges }: JoinState): boolean {
  return merge === "lines" && edges.length > 1;
}

/** True when its join takes from this edge now, and its target takes bytes. */
export function isServed(edge: EdgeState): boolean {
  const { join } = edge;
  if (join.phase !== "open" || !join.isWritable) return false;
  // In the middle of a long line the others wait.
  if (isLines(join)) return join.turn === undefined || join.turn === edge;
  return join.edges[join.current] === edge;
}

/** True when something may come for the target of a join now. */
export function hasBegun(join: JoinState): boolean {
  const edges = isLines(join) ? join.edges : join.edges.slice(join.current, join.current + 1);
  return edges.length === 0 || edges.some(({ stream }) => stream.phase !== "unopened");
}

/** True when a stream's one reader is ready, and nothing waits for it in the log. */
export function isTakenDirectly({ edges }: StreamState): boolean {
  const [only] = edges;
  return edges.length === 1 && only !== undefined && isServed(only) && !hasHeld(only);
}

/** True when what workers write may go straight to the one reader of their stream. */
export function canBeDirect({ edges, gathered }: StreamState): boolean {
  const [only, ...others] = edges;
  // Other workers take whole blocks of lines, for which it has to be looked into.
  if (only === undefined || others.length > 0 || isLines(only.join) || only.join.cut !== undefined) {
    return false;
  }
  return gathered?.order === "input";
}

/** How much a stream may always be ahead of an edge. */
export function baseOf(stream: StreamState): number {
  return !isLogged(stream) || canBeDirect(stream) ? 0 : stream.shareBytes;
}

/** Bytes that a stream may take before its slowest reader has to read on; without end when nobody reads it. */
export function roomOf(stream: StreamState): number {
  let room = Infinity;
  for (const edge of stream.edges) {
    if (!edge.isDropped && !isHeldBack(edge)) {
      room = Math.min(room, edge.position + edge.capacity - stream.taken);
    }
  }
  return room;
}
