/**
 * Finds the records of a stream, and the key of each, in bytes as they come.
 */

/** Bytes from `from` to `to`. */
export interface Span {
  bytes: Uint8Array;
  from: number;
  to: number;
}

/** What is there of a stream. */
export interface Scanned {
  bytes: Uint8Array;
  /** The next record begins here. */
  at: number;
  end: number;
  /** No more will come. */
  isLast: boolean;
}

export interface RecordScanner {
  /** The record that was found, with its line break. */
  readonly record: Span;
  /** Its key; empty when it has none. */
  readonly key: Span;
  /** Finds the next record, and goes behind it; false when it is not whole. Throws what is wrong with it. */
  next(input: Scanned): boolean;
}

/** What is wrong with a record or its key, for people. */
export class SplitProblem extends Error {}

export const LINE_FEED = 10;
export const RETURN = 13;
export const QUOTE = 34;

export function makeSpan(): Span {
  return { bytes: new Uint8Array(), from: 0, to: 0 };
}

/** Where a line ends whose break stands at `lineFeed`, or that has none. */
export function endOfText({ bytes, from, to }: Span): number {
  let end = to;
  if (end > from && bytes[end - 1] === LINE_FEED) end -= 1;
  if (end > from && bytes[end - 1] === RETURN) end -= 1;
  return end;
}
