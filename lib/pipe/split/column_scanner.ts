/**
 * A record is a line, and its key a column between separators of one byte. Quotes are characters like others.
 */
import type { RecordScanner, Scanned } from "./record_scanner.ts";
import { LINE_FEED, makeSpan, RETURN } from "./record_scanner.ts";

export class ColumnScanner implements RecordScanner {
  readonly record = makeSpan();
  readonly key = makeSpan();
  readonly #column: number;
  readonly #separator: number;

  /** `column` counts from 1. */
  constructor({ column, separator }: { readonly column: number; readonly separator: number }) {
    this.#column = column;
    this.#separator = separator;
  }

  next(input: Scanned): boolean {
    const { bytes, end, at: from } = input;
    if (from === end) return false;
    const separator = this.#separator;
    let at = from;
    let byte = 0;
    for (let column = 1; column < this.#column; column++) {
      while (at < end && (byte = bytes[at] ?? 0) !== separator && byte !== LINE_FEED) at += 1;
      if (at === end || byte === LINE_FEED) break;
      at += 1;
      byte = 0;
    }
    const keyFrom = at;
    while (at < end && (byte = bytes[at] ?? 0) !== separator && byte !== LINE_FEED) at += 1;
    let keyTo = at;
    while (at < end && bytes[at] !== LINE_FEED) at += 1;
    if (at === end && !input.isLast) return false;
    if (keyTo === at && keyTo > keyFrom && bytes[keyTo - 1] === RETURN) keyTo -= 1;
    input.at = at === end ? end : at + 1;
    const { record, key } = this;
    record.bytes = key.bytes = bytes;
    record.from = from;
    record.to = input.at;
    key.from = keyFrom;
    key.to = keyTo;
    return true;
  }
}
