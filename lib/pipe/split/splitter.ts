/**
 * Splits a stream by key: finds its records, and gives each to the sinks, with those of the same key. No text is made of
 * a line, and what belongs to a key waits until it is worth to be written:
 *
 *   bytes ─▶ scanner ─▶ record, key ─▶ number of the key ─▶ its chain ──memory is full, or the end──▶ sinks
 */
import { Buffer } from "node:buffer";
import type { SplitRule } from "../../core/flow.ts";
import {
  SPLIT_KEY_BYTES_MAX,
  SPLIT_KEYS_BYTES_MAX,
  SPLIT_KEYS_MAX,
  SPLIT_PIECE_BYTES_MAX,
  SPLIT_PIECE_BYTES_MIN,
  SPLIT_RECORD_BYTES_MAX,
  SPLIT_RECORD_SHOWN_MAX,
  SPLIT_WRITE_BYTES,
} from "../../core/limits/split.ts";
import { ByteChains } from "../../data/byte_chains.ts";
import { ByteKeys } from "../../data/byte_keys.ts";
import type { KeyStreams } from "./key_streams.ts";
import type { KeySink } from "./key_sink.ts";
import { makeHeaderScanner, makeScanner } from "./make_scanner.ts";
import type { RecordScanner, Scanned } from "./record_scanner.ts";
import { endOfText, LINE_FEED, RETURN, SplitProblem } from "./record_scanner.ts";

const FIRST_BYTES = 512 * 1024;

export class Splitter {
  readonly #rule: SplitRule;
  readonly #sinks: readonly KeySink[];
  readonly #streams: KeyStreams | undefined;
  readonly #heldBytes: number;
  readonly #keys = new ByteKeys();
  readonly #chains: ByteChains;
  readonly #input: Scanned = { bytes: new Uint8Array(FIRST_BYTES), at: 0, end: 0, isLast: false };
  readonly #header: Uint8Array[] = [];
  #scanner: RecordScanner;
  /** A long record is looked through again when there is so much of it: not for each piece of it. */
  #enough = 0;
  /** Records so far, with those of the header. */
  #records = 0;

  constructor(
    rule: SplitRule,
    { sinks, streams, heldBytes }: {
      /** Of all keys. */
      readonly sinks: readonly KeySink[];
      readonly streams?: KeyStreams | undefined;
      /** How much is held for the sinks. */
      readonly heldBytes: number;
    },
  ) {
    this.#streams = streams;
    this.#rule = rule;
    this.#sinks = sinks;
    this.#heldBytes = heldBytes;
    this.#chains = new ByteChains({
      bytes: sinks.length === 0 ? 0 : heldBytes,
      pieceBytes: SPLIT_PIECE_BYTES_MAX,
      joinedBytes: SPLIT_WRITE_BYTES,
    });
    this.#scanner = rule.headerLines > 0 ? makeHeaderScanner(rule) : makeScanner(rule, "");
  }

  get keyCount(): number {
    return this.#keys.count;
  }

  /** The keys that have come, in the order in which they came first. */
  listKeys(): readonly string[] {
    return Array.from({ length: this.#keys.count }, (_, index) => this.#textOf(index));
  }

  /** Takes the next bytes of the stream. Throws a SplitProblem, or the system's error. */
  take(bytes: Uint8Array): void {
    const input = this.#input;
    this.#makeRoom(bytes.length);
    input.bytes.set(bytes, input.end);
    input.end += bytes.length;
    if (input.end - input.at < this.#enough) return;
    this.#scan();
    const left = input.end - input.at;
    this.#enough = left > FIRST_BYTES ? left * 2 : 0;
  }

  /** The stream is at its end: everything is given to the sinks. */
  end(): void {
    this.#input.isLast = true;
    this.#scan();
    this.#flush();
  }

  #makeRoom(count: number): void {
    const input = this.#input;
    const { bytes, at, end } = input;
    const left = end - at;
    if (left > SPLIT_RECORD_BYTES_MAX) {
      this.#records += 1;
      throw new SplitProblem(
        this.#about(
          { bytes, from: at, to: end },
          `it is too long (expected at most ${SPLIT_RECORD_BYTES_MAX / 1024 / 1024} MiB)`,
        ),
      );
    }
    if (left + count <= bytes.length) {
      if (at > 0) bytes.copyWithin(0, at, end);
    } else {
      input.bytes = new Uint8Array(Math.max(bytes.length * 2, left + count));
      input.bytes.set(bytes.subarray(at, end));
    }
    input.at = 0;
    input.end = left;
  }

  #scan(): void {
    const input = this.#input;
    while (this.#next(input)) {
      this.#records += 1;
      if (this.#records <= this.#rule.headerLines) this.#takeHeader();
      else if (!isBlank(this.#scanner.record)) this.#takeRecord();
    }
    this.#streams?.flush();
  }

  #next(input: Scanned): boolean {
    try {
      return this.#scanner.next(input);
    } catch (error) {
      if (!(error instanceof SplitProblem)) throw error;
      this.#records += 1;
      throw new SplitProblem(this.#about({ ...input, from: input.at, to: input.end }, error.message));
    }
  }

  #takeHeader(): void {
    const { record } = this.#scanner;
    this.#header.push(record.bytes.slice(record.from, record.to));
    if (this.#records < this.#rule.headerLines) return;
    const text = Buffer.from(record.bytes.subarray(record.from, endOfText(record))).toString();
    this.#scanner = makeScanner(this.#rule, text);
  }

  #takeRecord(): void {
    const { key, record } = this.#scanner;
    this.#streams?.take(key, { record, header: this.#header });
    if (this.#sinks.length === 0) return;
    const count = this.#keys.count;
    const index = this.#keys.add(key);
    if (index === count) this.#begin(index);
    this.#append(index, record);
  }

  /** A new key. */
  #begin(index: number): void {
    const { key, record } = this.#scanner;
    const length = key.to - key.from;
    try {
      if (length > SPLIT_KEY_BYTES_MAX) {
        throw new SplitProblem(`its key has ${length} bytes (expected at most ${SPLIT_KEY_BYTES_MAX})`);
      }
      if (index >= SPLIT_KEYS_MAX || this.#keys.byteCount > SPLIT_KEYS_BYTES_MAX) {
        throw new SplitProblem(
          `there are more than ${Math.min(index, SPLIT_KEYS_MAX)} keys (expected fewer, or shorter ones)`,
        );
      }
      const text = this.#textOf(index);
      for (const sink of this.#sinks) sink.begin({ key: text, index });
    } catch (error) {
      if (!(error instanceof SplitProblem)) throw error;
      throw new SplitProblem(this.#about(record, error.message));
    }
    for (const bytes of this.#header) this.#append(index, { bytes, from: 0, to: bytes.length });
  }

  #append(
    index: number,
    span: { readonly bytes: Uint8Array; readonly from: number; readonly to: number },
  ): void {
    const taken = this.#chains.append(index, span);
    let from = span.from + taken;
    while (from < span.to) {
      this.#flush();
      from += this.#chains.append(index, { bytes: span.bytes, from, to: span.to });
    }
  }

  /** Gives everything to the sinks. */
  #flush(): void {
    const { count } = this.#keys;
    const chains = this.#chains;
    for (let index = 0; index < count; index++) {
      if (chains.isClear(index)) continue;
      for (const sink of this.#sinks) sink.write(index, (give) => chains.read(index, give));
    }
    chains.clear(choosePiece(this.#heldBytes, count));
  }

  #textOf(index: number): string {
    return Buffer.from(this.#keys.bytesOf(index)).toString();
  }

  /** Which record is meant, and what is wrong with it. */
  #about(
    { bytes, from, to }: { readonly bytes: Uint8Array; readonly from: number; readonly to: number },
    problem: string,
  ): string {
    const shown = Buffer.from(bytes.subarray(from, Math.min(to, from + SPLIT_RECORD_SHOWN_MAX))).toString();
    const more = to - from > SPLIT_RECORD_SHOWN_MAX ? "…" : "";
    return `record ${this.#records} (${JSON.stringify(shown.trimEnd())}${more}): ${problem}`;
  }
}

/** Small enough that each key may have some. */
function choosePiece(bytes: number, keys: number): number {
  let size = SPLIT_PIECE_BYTES_MAX;
  while (size > SPLIT_PIECE_BYTES_MIN && size * keys * 4 > bytes) size /= 2;
  return size;
}

/** Nothing but a line break. */
function isBlank(
  { bytes, from, to }: { readonly bytes: Uint8Array; readonly from: number; readonly to: number },
): boolean {
  const first = bytes[from];
  if (first === LINE_FEED) return true;
  return first === RETURN && (to - from === 1 || (to - from === 2 && bytes[from + 1] === LINE_FEED));
}
