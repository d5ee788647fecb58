/**
 * What relays know of themselves. A stream is read once and given to each of its edges; a join writes its edges to
 * one pipe or file.
 *
 *   stream: unopened ──open──▶ open ──last byte, or closed──▶ ended ──rewind──▶ unopened
 *   join:   unopened ──open──▶ open ──last edge ended, or its reader left──▶ ended, or unopened while it is kept
 */
import type { Merge } from "../core/flow.ts";
import type { StreamLog } from "./stream_log.ts";
import type { Tap } from "./tap.ts";

/** Where the bytes of a stream come from. Into `tap`, a pipe's write end, goes a copy of everything. */
export type StreamSource =
  | { readonly kind: "pipe" | "file"; readonly fd: number; readonly tap?: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

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
  /** It is put together from what workers write. */
  readonly isGathered: boolean;
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
  /** What was given is kept, so that it can be given again from the beginning. */
  isKept: boolean;
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

/** True when no more bytes will come over the edge than its reader has got. */
export function isAtEnd(edge: EdgeState): boolean {
  const { phase, isWithheld, taken } = edge.stream;
  return phase === "ended" && !isWithheld && edge.position === taken;
}

/** True when bytes of the edge wait in the engine. */
export function hasHeld(edge: EdgeState): boolean {
  return !edge.stream.isWithheld && edge.position < edge.stream.taken;
}

/** True when everything of the stream goes through its log. */
export function isLogged({ edges, isWithheld, isGathered, source }: StreamState): boolean {
  if (source?.kind === "bytes") return false; // They can be read again as they are.
  return isWithheld || isGathered || edges.length > 1 || edges.some(({ join }) => join.isKept);
}

/** From where on the bytes of an edge may be asked for. */
export function floorOf({ join, position }: EdgeState): number {
  return join.isKept ? 0 : position;
}
