/**
 * The streams of single keys that somebody reads. What other keys have is not looked at any further.
 */
import { SPLIT_PIECE_BYTES_MIN, SPLIT_STREAMS_BYTES } from "../../core/limits/split.ts";
import { BLOCK_BYTES } from "../../core/limits/streams.ts";
import { ByteChains } from "../../data/byte_chains.ts";
import { ByteKeys, type KeyBytes } from "../../data/byte_keys.ts";

/** What takes the records of a key. */
export interface KeyStream {
  /** Takes them; they are good until the next call. */
  put(bytes: Uint8Array): void;
}

export class KeyStreams {
  readonly #keys = new ByteKeys();
  readonly #streams: readonly KeyStream[];
  readonly #chains = new ByteChains({
    bytes: SPLIT_STREAMS_BYTES,
    pieceBytes: SPLIT_PIECE_BYTES_MIN * 8,
    joinedBytes: BLOCK_BYTES,
  });
  /** Those that have had their headers. */
  readonly #begun = new Set<number>();

  /** Each key is there once. */
  constructor(streams: readonly { readonly key: string; readonly stream: KeyStream }[]) {
    const encoder = new TextEncoder();
    this.#streams = streams.map(({ key, stream }) => {
      const bytes = encoder.encode(key);
      this.#keys.add({ bytes, from: 0, to: bytes.length });
      return stream;
    });
  }

  /** Takes a record, when somebody reads its key. */
  take(
    key: KeyBytes,
    { record, header }: { readonly record: KeyBytes; readonly header: readonly Uint8Array[] },
  ): void {
    const at = this.#keys.find(key);
    if (at === -1) return;
    if (!this.#begun.has(at)) {
      this.#begun.add(at);
      for (const bytes of header) this.#append(at, { bytes, from: 0, to: bytes.length });
    }
    this.#append(at, record);
  }

  #append(at: number, span: KeyBytes): void {
    let from = span.from + this.#chains.append(at, span);
    while (from < span.to) {
      this.flush();
      from += this.#chains.append(at, { bytes: span.bytes, from, to: span.to });
    }
  }

  /** Gives on what has come. */
  flush(): void {
    if (this.#chains.isEmpty) return;
    for (const [at, stream] of this.#streams.entries()) this.#chains.read(at, (bytes) => stream.put(bytes));
    this.#chains.clear(SPLIT_PIECE_BYTES_MIN * 8);
  }
}
