/**
 * Which lane a line belongs to. Bytes come in any pieces; lines leave whole, in order, many at a time.
 */
import { Buffer } from "node:buffer";
import type { KeyRule } from "../../core/flow.ts";
import { makeKeyReader, workerOfKey } from "./record_key.ts";

const LINE_FEED = 10;
const LINE_BREAK = new Uint8Array([LINE_FEED]);

/** Whole lines for one lane. */
export interface RoutedLines {
  readonly lane: number;
  readonly bytes: Uint8Array;
}

export class LineRouter {
  readonly #count: number;
  readonly #readKey: (line: string) => string;
  /** A line that has begun, in pieces, so that a very long one is put together once. */
  #begun: Uint8Array[] = [];

  constructor({ count, key }: { readonly count: number; readonly key: KeyRule }) {
    this.#count = count;
    this.#readKey = makeKeyReader(key);
  }

  /** The lines that these bytes complete. */
  route(bytes: Uint8Array): readonly RoutedLines[] {
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end < bytes.length) {
      const begun = this.#begun;
      this.#begun = end > 0 ? [bytes.slice(end)] : [...begun, bytes.slice()];
      if (end === 0) return [];
      return this.#sort(join([...begun, bytes.subarray(0, end)]));
    }
    const lines = join([...this.#begun, bytes]);
    this.#begun = [];
    return this.#sort(lines);
  }

  /** The last line, when it has no line break. It gets one: what other lanes give may come behind it. */
  end(): readonly RoutedLines[] {
    const last = join(this.#begun);
    this.#begun = [];
    if (last.length === 0) return [];
    return this.#sort(this.#count === 1 ? last : join([last, LINE_BREAK]));
  }

  #sort(lines: Uint8Array): readonly RoutedLines[] {
    const lanes = new Map<number, Uint8Array[]>();
    for (let at = 0; at < lines.length;) {
      const found = lines.indexOf(LINE_FEED, at);
      const end = found === -1 ? lines.length : found + 1;
      const text = Buffer.from(lines.buffer, lines.byteOffset + at, (found === -1 ? end : found) - at)
        .toString();
      const lane = workerOfKey(this.#readKey(text), this.#count);
      const known = lanes.get(lane);
      if (known === undefined) lanes.set(lane, [lines.subarray(at, end)]);
      else known.push(lines.subarray(at, end));
      at = end;
    }
    return [...lanes].map(([lane, pieces]) => ({ lane, bytes: join(pieces) }));
  }
}

/** Takes the first lines of a stream away. */
export class HeaderReader {
  #left: number;
  #pieces: Uint8Array[] = [];

  constructor(lines: number) {
    this.#left = lines;
  }

  get bytes(): Uint8Array {
    // It is asked for again and again.
    if (this.#pieces.length > 1) this.#pieces = [join(this.#pieces)];
    return this.#pieces[0] ?? new Uint8Array();
  }

  /** What is left of these bytes. */
  take(bytes: Uint8Array): Uint8Array {
    let rest = bytes;
    while (this.#left > 0 && rest.length > 0) {
      const found = rest.indexOf(LINE_FEED);
      const end = found === -1 ? rest.length : found + 1;
      this.#pieces.push(rest.slice(0, end));
      rest = rest.subarray(end);
      if (found !== -1) this.#left -= 1;
    }
    return rest;
  }
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array()] = pieces;
  if (pieces.length < 2) return first;
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
