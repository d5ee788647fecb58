/**
 * How two captured runs differ: actors by how they ended and how long they took, streams by their bytes.
 */
import { Buffer } from "node:buffer";
import type {
  ActorDifference,
  Archive,
  ArchivedActor,
  ArchivedStream,
  RunDifference,
  StreamDifference,
} from "../../core/archive.ts";

/** Reads a stream in pieces; how it is cut does not matter. */
export type ReadStream = (stream: ArchivedStream) => Iterable<Uint8Array>;

/** A time is another when it is by so much, as a share and in milliseconds; two runs never take exactly the same. */
const TIME_SHARE = 0.25;
const TIME_MS = 50;

const LINE_BREAK = 10;

export function compareRuns(
  { before, after }: { readonly before: Archive; readonly after: Archive },
  readStream: ReadStream,
): RunDifference {
  const numbers = { before: before.run.number, after: after.run.number };
  return {
    actors: pair(before.actors, after.actors).flatMap((both): readonly ActorDifference[] => {
      if (both.kind === "one") return [toOnly(both, numbers)];
      const difference = compareActors(both.before, both.after);
      return difference === undefined ? [] : [difference];
    }),
    streams: pair(before.streams, after.streams).flatMap((both): readonly StreamDifference[] => {
      if (both.kind === "one") return [toOnly(both, numbers)];
      const difference = compareStreams(both, readStream);
      return difference === undefined ? [] : [difference];
    }),
  };
}

function toOnly(
  { name, side }: { readonly name: string; readonly side: "before" | "after" },
  numbers: Readonly<Record<"before" | "after", number>>,
): { readonly name: string; readonly kind: "only in"; readonly run: number } {
  return { name, kind: "only in", run: numbers[side] };
}

type Pair<Thing> =
  | { readonly kind: "both"; readonly before: Thing; readonly after: Thing }
  | { readonly kind: "one"; readonly name: string; readonly side: "before" | "after" };

/** By name, in the order of the first, then what only the second has. */
function pair<Thing extends { readonly name: string }>(
  before: readonly Thing[],
  after: readonly Thing[],
): readonly Pair<Thing>[] {
  const byName = new Map(after.map((thing) => [thing.name, thing]));
  const known = new Set(before.map(({ name }) => name));
  return [
    ...before.map((thing): Pair<Thing> => {
      const other = byName.get(thing.name);
      return other === undefined
        ? { kind: "one", name: thing.name, side: "before" }
        : { kind: "both", before: thing, after: other };
    }),
    ...after.filter(({ name }) => !known.has(name))
      .map(({ name }): Pair<Thing> => ({ kind: "one", name, side: "after" })),
  ];
}

function compareActors(before: ArchivedActor, after: ArchivedActor): ActorDifference | undefined {
  const isStateOther = before.state !== after.state || before.exitCode !== after.exitCode ||
    before.signal !== after.signal;
  const isDefinitionOther = before.definition !== after.definition;
  const isTimeOther = isOtherTime(durationOf(before), durationOf(after));
  if (!isStateOther && !isDefinitionOther && !isTimeOther) return undefined;
  return { name: before.name, kind: "differs", before, after, isStateOther, isDefinitionOther, isTimeOther };
}

function durationOf({ startedAt, endedAt }: ArchivedActor): number | undefined {
  return startedAt === undefined || endedAt === undefined ? undefined : endedAt - startedAt;
}

function isOtherTime(before: number | undefined, after: number | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  const distance = Math.abs(after - before);
  return distance >= TIME_MS && distance >= TIME_SHARE * Math.max(before, after);
}

function compareStreams(
  { before, after }: { readonly before: ArchivedStream; readonly after: ArchivedStream },
  readStream: ReadStream,
): StreamDifference | undefined {
  const first = findFirst(readStream(before), readStream(after));
  if (first === undefined && before.isComplete === after.isComplete) return undefined;
  return { name: before.name, kind: "differs", before, after, ...(first === undefined ? {} : { first }) };
}

/** Where two streams part: the first byte that is not the same, or that only one of them has. */
export function findFirst(
  before: Iterable<Uint8Array>,
  after: Iterable<Uint8Array>,
): { readonly byte: number; readonly line: number } | undefined {
  const [a, b] = [new Pieces(before), new Pieces(after)];
  let byte = 0;
  let line = 1;
  for (;;) {
    const [left, right] = [a.peek(), b.peek()];
    const length = Math.min(left.length, right.length);
    if (length === 0) return left.length === right.length ? undefined : { byte, line };
    const same = countSame(left.subarray(0, length), right.subarray(0, length));
    line += countLineBreaks(left.subarray(0, same));
    byte += same;
    if (same < length) return { byte, line };
    a.skip(length);
    b.skip(length);
  }
}

/** A stream that comes in pieces, looked at from where it was skipped to. */
class Pieces {
  readonly #pieces: Iterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(pieces: Iterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.iterator]();
  }

  /** At least one byte; none at the end. */
  peek(): Uint8Array {
    while (this.#rest.length === 0) {
      const next = this.#pieces.next();
      if (next.done === true) break;
      this.#rest = next.value;
    }
    return this.#rest;
  }

  skip(bytes: number): void {
    this.#rest = this.#rest.subarray(bytes);
  }
}

/** How many bytes at the beginning are the same, of two pieces of one length. */
function countSame(a: Uint8Array, b: Uint8Array): number {
  if (Buffer.compare(a, b) === 0) return a.length;
  return a.findIndex((byte, at) => byte !== b[at]);
}

function countLineBreaks(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_BREAK); at !== -1; at = bytes.indexOf(LINE_BREAK, at + 1)) count += 1;
  return count;
}
