/**
 * Whole lines of several edges as they come. A last line without a line break gets one, so that it stays a line of its
 * own. A line longer than MERGE_LINE_BYTES is passed on in pieces while the other edges wait.
 */
import { MERGE_LINE_BYTES } from "../../core/limits/streams.ts";
import type { Moved } from "../../host/descriptor_io/descriptor_io.ts";
import { AT_END, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import type { EdgeState, JoinState } from "../state/relay_states.ts";
import { isAtEnd } from "../state/relay_states.ts";

const LINE_FEED = 10;
const READ_BYTES = 64 * 1024;

interface Ends {
  read(edge: EdgeState, buffer: Uint8Array): Moved;
  /** Undefined when nobody takes it any more. */
  write(bytes: Uint8Array): Moved | undefined;
}

/** Merges until something is missing: "waits"; all edges have ended: "ended"; or for long enough: "more". */
export function mergeLines(join: JoinState, ends: Ends): "waits" | "ended" | "more" {
  const buffer = new Uint8Array(READ_BYTES);
  for (let rounds = 0; rounds < 16; rounds++) {
    if (!writePending(join, ends)) return "waits";
    const taken = join.turn === undefined
      ? takeNext(join, { ends, buffer })
      : takeLines(join.turn, { join, ends, buffer });
    if (taken === "ended") return "ended";
    if (!taken) return "waits";
  }
  return writePending(join, ends) ? "more" : "waits";
}

/** Takes from the first edge that has something, beginning after the one that was read last. */
function takeNext(
  join: JoinState,
  { ends, buffer }: { readonly ends: Ends; readonly buffer: Uint8Array },
): boolean | "ended" {
  const { edges, current } = join;
  let isAnyOpen = false;
  for (let step = 1; step <= edges.length; step++) {
    const at = (current + step) % edges.length;
    const edge = edges[at];
    if (edge === undefined || (isAtEnd(edge) && !join.begun.has(edge))) continue;
    isAnyOpen = true;
    if (!takeLines(edge, { join, ends, buffer })) continue;
    join.current = at;
    return true;
  }
  return isAnyOpen ? false : "ended";
}

function writePending(join: JoinState, ends: Ends): boolean {
  while (join.pending !== undefined) {
    const written = ends.write(join.pending);
    if (written === undefined || written === NOT_NOW) return false;
    join.pending = written < join.pending.length ? join.pending.subarray(written) : undefined;
  }
  return true;
}

/** Takes what one edge has; true when that is something to write or its end. */
function takeLines(
  edge: EdgeState,
  { join, ends, buffer }: { readonly join: JoinState; readonly ends: Ends; readonly buffer: Uint8Array },
): boolean {
  const begun = join.begun.get(edge) ?? new Uint8Array();
  const count = ends.read(edge, buffer);
  if (count < AT_END) return false;
  if (count === AT_END) {
    const isInLine = begun.length > 0 || join.turn === edge;
    join.begun.delete(edge);
    join.turn = undefined;
    if (isInLine) join.pending = concat(begun, new Uint8Array([LINE_FEED]));
    return true;
  }
  const bytes = buffer.subarray(0, count);
  const end = bytes.lastIndexOf(LINE_FEED) + 1;
  if (end > 0) {
    join.pending = concat(begun, bytes.subarray(0, end));
    join.turn = undefined;
    keep({ join, edge }, bytes.slice(end));
  } else if (join.turn === edge || begun.length + count > MERGE_LINE_BYTES) {
    join.pending = concat(begun, bytes);
    join.turn = edge;
    keep({ join, edge }, new Uint8Array());
  } else keep({ join, edge }, concat(begun, bytes));
  return true;
}

function keep(
  { join, edge }: { readonly join: JoinState; readonly edge: EdgeState },
  begun: Uint8Array,
): void {
  if (begun.length > 0) join.begun.set(edge, begun);
  else join.begun.delete(edge);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
