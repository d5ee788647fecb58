/**
 * How large the next block of lines for a worker should be. Blocks should take about BLOCK_MS each: much longer than
 * starting a process, short enough that nobody is left alone with a long rest. What a program needs to start and what
 * it needs for a byte is learned from blocks of different sizes (least squares, older blocks count less).
 */
import { BLOCK_GROWTH, BLOCK_MS, WORK_BLOCK_BYTES, WORK_BLOCK_BYTES_MAX } from "../../core/limits/workers.ts";

/** A block should take so many times as long as its program needs to start. */
const STARTS = 4;
/** How much less each block counts than the one after it. */
const DECAY = 0.8;

export class BlockSize {
  readonly #fixed: number | undefined;
  #next: number;
  /** Sums over the blocks so far: of weights, bytes, milliseconds, and products. */
  #weight = 0;
  #bytes = 0;
  #ms = 0;
  #bytesBytes = 0;
  #bytesMs = 0;

  /** `fixed`: blocks of so many bytes, and the rest of a line. */
  constructor(fixed?: number) {
    this.#fixed = fixed;
    this.#next = fixed ?? WORK_BLOCK_BYTES;
  }

  /** Bytes; the block ends with the line in which it reaches them. */
  get bytes(): number {
    return this.#next;
  }

  /** A worker has done a block of so many bytes in so many milliseconds, its start included. */
  learn({ bytes, ms }: { readonly bytes: number; readonly ms: number }): void {
    if (this.#fixed !== undefined || bytes === 0) return;
    this.#weight = this.#weight * DECAY + 1;
    this.#bytes = this.#bytes * DECAY + bytes;
    this.#ms = this.#ms * DECAY + ms;
    this.#bytesBytes = this.#bytesBytes * DECAY + bytes * bytes;
    this.#bytesMs = this.#bytesMs * DECAY + bytes * ms;
    const growth = ms < BLOCK_MS ? BLOCK_GROWTH : 2;
    this.#next = Math.round(Math.max(1, Math.min(WORK_BLOCK_BYTES_MAX, bytes * growth, this.#wanted())));
  }

  /** The size that takes as long as it should; without end as long as blocks of one size alone are known. */
  #wanted(): number {
    const spread = this.#weight * this.#bytesBytes - this.#bytes * this.#bytes;
    if (spread <= this.#bytes * this.#bytes * 1e-6) return Infinity;
    const msPerByte = (this.#weight * this.#bytesMs - this.#bytes * this.#ms) / spread;
    if (msPerByte <= 0) return Infinity;
    const startMs = Math.max(0, (this.#ms - msPerByte * this.#bytes) / this.#weight);
    return Math.max(BLOCK_MS, STARTS * startMs) / msPerByte;
  }
}
