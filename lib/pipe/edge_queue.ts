/**
 * What an edge through the engine holds: chunks that its writer has written and its reader has not read yet.
 * Bounded by `capacity`; the one place where bytes of a flow lie in the engine's memory.
 *
 *   open ──end()──▶ ended        the reader takes what is left, then sees the end
 *   open, ended ──drop()──▶ dropped   the reader has left: what is left is forgotten
 */
import { CHUNK_OVERHEAD_BYTES, EDGE_BYTES } from "../core/limits.ts";
import type { Chunk } from "./chunk.ts";

export class EdgeQueue {
  /** How many bytes it may hold before its writer waits. One chunk more than that can be in it. */
  capacity = EDGE_BYTES;
  /** All bytes that ever went in and out. */
  bytesIn = 0;
  bytesOut = 0;
  #chunks: Chunk[] = [];
  #head = 0;
  #held = 0;
  #state: "open" | "ended" | "dropped" = "open";
  #wakeWriter: (() => void) | undefined;
  #wakeReader: (() => void) | undefined;
  readonly #onFirst: (() => void) | undefined;
  readonly #onDrop: (() => void) | undefined;

  /**
   * `onFirst` is called once, when something was written or the stream has ended: lazy starts wait for it.
   * `onDrop` is called once, when the reader has left before the stream had ended.
   */
  constructor(hooks: { readonly onFirst?: () => void; readonly onDrop?: () => void } = {}) {
    this.#onFirst = hooks.onFirst;
    this.#onDrop = hooks.onDrop;
  }

  /** True when something was written or the stream has ended: what a lazy start waits for. */
  get hasBegun(): boolean {
    return this.bytesIn > 0 || this.#state !== "open";
  }

  get isDropped(): boolean {
    return this.#state === "dropped";
  }

  /** True when the writer may write: there is room, or nobody is left to keep it for. */
  get hasRoom(): boolean {
    return this.#held < this.capacity || this.#state === "dropped";
  }

  /** Takes hold of a chunk; it is let go by whoever takes it out. */
  push(chunk: Chunk): void {
    if (this.#state !== "open") return chunk.release();
    const isFirst = this.bytesIn === 0;
    this.bytesIn += chunk.bytes.length;
    this.#held += chunk.bytes.length + CHUNK_OVERHEAD_BYTES;
    this.#chunks.push(chunk);
    if (isFirst) this.#onFirst?.();
    this.#wake("reader");
  }

  /** No more bytes will come. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    if (this.bytesIn === 0) this.#onFirst?.();
    this.#wake("reader");
  }

  /** The reader has left. */
  drop(): void {
    if (this.#state === "dropped") return;
    const hasEnded = this.#state === "ended";
    this.#state = "dropped";
    for (const chunk of this.#chunks.slice(this.#head)) chunk.release();
    this.#chunks = [];
    this.#head = 0;
    this.#held = 0;
    this.#wake("writer");
    this.#wake("reader");
    if (!hasEnded) this.#onDrop?.();
  }

  /** The next chunk, to be released after use; undefined at the end or after a drop. One reader at a time. */
  async take(): Promise<Chunk | undefined> {
    while (this.#head === this.#chunks.length) {
      if (this.#state !== "open") return undefined;
      await new Promise<void>((resolve) => this.#wakeReader = resolve);
    }
    const chunk = this.#chunks[this.#head];
    this.#head += 1;
    if (this.#head === this.#chunks.length) {
      this.#chunks = [];
      this.#head = 0;
    }
    if (chunk === undefined) return undefined;
    this.#held -= chunk.bytes.length + CHUNK_OVERHEAD_BYTES;
    this.bytesOut += chunk.bytes.length;
    if (this.hasRoom) this.#wake("writer");
    return chunk;
  }

  /** Resolves when `hasRoom`. One writer at a time. */
  async waitForRoom(): Promise<void> {
    while (!this.hasRoom) await new Promise<void>((resolve) => this.#wakeWriter = resolve);
  }

  #wake(side: "reader" | "writer"): void {
    const wake = side === "reader" ? this.#wakeReader : this.#wakeWriter;
    if (side === "reader") this.#wakeReader = undefined;
    else this.#wakeWriter = undefined;
    wake?.();
  }
}
