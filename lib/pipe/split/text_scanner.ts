/**
 * A record is a line, or a row of CSV, and its key is found in its text: in its JSON, by a pattern, in a column between
 * blanks.
 */
import { Buffer } from "node:buffer";
import type { KeyRule } from "../../core/flow.ts";
import { makeKeyReader } from "../workers/record_key.ts";
import type { RecordScanner, Scanned, Span } from "./record_scanner.ts";
import { endOfText, LINE_FEED, makeSpan } from "./record_scanner.ts";

export class TextScanner implements RecordScanner {
  readonly record: Span;
  readonly key = makeSpan();
  readonly #readKey: (line: string) => string;
  readonly #rows: RecordScanner;

  constructor(rule: KeyRule, rows: RecordScanner = new LineScanner()) {
    this.#readKey = makeKeyReader(rule);
    this.#rows = rows;
    this.record = rows.record;
  }

  next(input: Scanned): boolean {
    if (!this.#rows.next(input)) return false;
    const { record, key } = this;
    const { bytes, from } = record;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, endOfText(record) - from).toString();
    key.bytes = Buffer.from(this.#readKey(text));
    key.from = 0;
    key.to = key.bytes.length;
    return true;
  }
}

/** Lines that have no keys. */
export class LineScanner implements RecordScanner {
  readonly record = makeSpan();
  readonly key = makeSpan();

  next(input: Scanned): boolean {
    const { bytes, at, end, isLast } = input;
    if (at === end) return false;
    const found = bytes.subarray(at, end).indexOf(LINE_FEED);
    if (found === -1 && !isLast) return false;
    const { record } = this;
    record.bytes = bytes;
    record.from = at;
    record.to = input.at = found === -1 ? end : at + found + 1;
    return true;
  }
}
