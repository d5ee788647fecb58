/**
 * A record is a row of CSV (RFC 4180), whose quoted cells may hold separators, line breaks, and quotes written twice.
 */
import type { RecordScanner, Scanned } from "./record_scanner.ts";
import { LINE_FEED, makeSpan, QUOTE, RETURN, SplitProblem } from "./record_scanner.ts";

/** The end of a cell is still to come. */
const OPEN = -1;

export class CsvScanner implements RecordScanner {
  readonly record = makeSpan();
  readonly key = makeSpan();
  readonly #column: number;
  readonly #separator: number;
  /** For a key with quotes in it. */
  #plain = new Uint8Array(256);

  /** `column` counts from 1. */
  constructor({ column, separator }: { readonly column: number; readonly separator: number }) {
    this.#column = column;
    this.#separator = separator;
  }

  next(input: Scanned): boolean {
    const { bytes, end, at: from } = input;
    if (from === end) return false;
    const mark = byteOrderMark(input);
    if (mark === OPEN) return false;
    const separator = this.#separator;
    const { record, key } = this;
    key.from = key.to = from;
    key.bytes = bytes;
    let at = from + mark;
    for (let column = 1;; column++) {
      const cell = at;
      at = cell < end && bytes[cell] === QUOTE
        ? quotedEnd(input, cell, separator)
        : this.#plainEnd(input, cell);
      if (at === OPEN) return false;
      if (column === this.#column) this.#setKey(input, { from: cell, to: at });
      if (at === end || bytes[at] !== separator) break;
      at += 1;
    }
    if (at < end && bytes[at] === RETURN) at += 1;
    if (at < end && bytes[at] === LINE_FEED) at += 1;
    record.bytes = bytes;
    record.from = from;
    record.to = at;
    input.at = at;
    return true;
  }

  #plainEnd({ bytes, end, isLast }: Scanned, from: number): number {
    const separator = this.#separator;
    let at = from;
    for (; at < end; at++) {
      const byte = bytes[at];
      if (byte === separator || byte === LINE_FEED) break;
      if (byte === QUOTE) throw new SplitProblem(STRAY);
    }
    if (at === end && !isLast) return OPEN;
    const isReturn = at > from && bytes[at - 1] === RETURN && (at === end || bytes[at] === LINE_FEED);
    return isReturn ? at - 1 : at;
  }

  #setKey({ bytes }: Scanned, { from, to }: { readonly from: number; readonly to: number }): void {
    const { key } = this;
    if (from === to || bytes[from] !== QUOTE) {
      key.from = from;
      key.to = to;
      return;
    }
    key.from = from + 1;
    key.to = to - 1;
    const isPlain = bytes.subarray(key.from, key.to).indexOf(QUOTE) === -1;
    if (!isPlain) this.#setUnquoted();
  }

  #setUnquoted(): void {
    const { key } = this;
    const length = key.to - key.from;
    if (length > this.#plain.length) this.#plain = new Uint8Array(length * 2);
    let filled = 0;
    for (let at = key.from; at < key.to; at++) {
      const byte = key.bytes[at] ?? 0;
      this.#plain[filled++] = byte;
      if (byte === QUOTE) at += 1; // It is there twice.
    }
    key.bytes = this.#plain;
    key.from = 0;
    key.to = filled;
  }
}

const STRAY =
  "a quote stands in a cell without quotes (expected the whole cell in quotes, and that quote twice)";
const BEHIND =
  "something stands behind a closing quote (expected a separator; a quote in quotes is written twice)";
const UNCLOSED = 'a quote is not closed (expected a second ")';

/** How long the mark of the byte order is before the first row, if there is one. */
function byteOrderMark({ bytes, at, end, isLast }: Scanned): number {
  if (bytes[at] !== MARK[0]) return 0;
  if (end - at < MARK.length) return isLast ? 0 : OPEN;
  return MARK.every((byte, each) => bytes[at + each] === byte) ? MARK.length : 0;
}

const MARK: readonly number[] = [0xef, 0xbb, 0xbf];

/** Behind the closing quote of a cell. */
function quotedEnd({ bytes, end, isLast }: Scanned, from: number, separator: number): number {
  let at = from + 1;
  for (;;) {
    while (at < end && bytes[at] !== QUOTE) at += 1;
    if (at === end) {
      if (isLast) throw new SplitProblem(UNCLOSED);
      return OPEN;
    }
    at += 1;
    if (at === end) return isLast ? at : OPEN;
    if (bytes[at] !== QUOTE) break;
    at += 1;
  }
  const byte = bytes[at];
  if (byte === separator || byte === LINE_FEED) return at;
  if (byte !== RETURN) throw new SplitProblem(BEHIND);
  if (at + 1 === end) return isLast ? at : OPEN;
  if (bytes[at + 1] !== LINE_FEED) throw new SplitProblem(BEHIND);
  return at;
}

/** The cells of a row that a scanner has found to be one. */
export function readCells(row: string, separator: string): readonly string[] {
  const cells: string[] = [];
  for (let at = 0;; at++) {
    const from = at;
    if (row[at] === '"') {
      do at = row.indexOf('"', at + 1) + 1; while (row[at] === '"');
      cells.push(row.slice(from + 1, at - 1).replaceAll('""', '"'));
    } else {
      const found = row.indexOf(separator, at);
      at = found === -1 ? row.length : found;
      cells.push(row.slice(from, at));
    }
    if (row[at] !== separator) return cells;
  }
}
