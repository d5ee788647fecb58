/**
 * Bytes that wait for many, in one piece of memory: each has a chain of small pieces of it, so that a few with much and
 * many with little find room alike.
 */

/** Below this length a loop is faster than a view of the bytes. */
const LOOP_BYTES = 256;

export class ByteChains {
  readonly #memory: Uint8Array;
  readonly #joined: Uint8Array;
  #pieceBytes: number;
  #pieces: number;
  /** Of each piece, the next one of its chain and one; 0 at the end. */
  #next: Int32Array;
  /** Of each chain: its first piece and one, and where its bytes end. */
  #first = new Int32Array(1024);
  #tail = new Int32Array(1024);
  #used = 0;

  constructor({ bytes, pieceBytes, joinedBytes }: {
    readonly bytes: number;
    readonly pieceBytes: number;
    /** How much of a chain is given at once. */
    readonly joinedBytes: number;
  }) {
    this.#memory = new Uint8Array(bytes);
    this.#joined = new Uint8Array(joinedBytes);
    this.#pieceBytes = pieceBytes;
    this.#pieces = Math.floor(bytes / pieceBytes);
    this.#next = new Int32Array(this.#pieces);
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  /** Appends bytes to a chain; gives how many, fewer when there is no room for all. */
  append(chain: number, { bytes, from, to }: { bytes: Uint8Array; from: number; to: number }): number {
    if (chain >= this.#first.length) this.#makeChains(chain);
    const memory = this.#memory;
    const size = this.#pieceBytes;
    let tail = this.#tail[chain] ?? 0;
    let at = from;
    while (at < to) {
      // A chain whose bytes end where a piece does needs another one.
      if (tail % size === 0) {
        if (this.#used === this.#pieces) break;
        tail = this.#link(chain, tail);
      }
      const count = Math.min(to - at, size - tail % size);
      if (count > LOOP_BYTES) memory.set(bytes.subarray(at, at + count), tail);
      else for (let each = 0; each < count; each++) memory[tail + each] = bytes[at + each] ?? 0;
      at += count;
      tail += count;
      // The end of a full piece is the beginning of another one's; it is told by the piece it is in.
      this.#tail[chain] = tail;
    }
    return at - from;
  }

  /** Takes a piece for the end of a chain; gives where it begins. */
  #link(chain: number, tail: number): number {
    const piece = this.#used;
    this.#used += 1;
    this.#next[piece] = 0;
    if (this.#first[chain] === 0) this.#first[chain] = piece + 1;
    else this.#next[tail / this.#pieceBytes - 1] = piece + 1;
    return piece * this.#pieceBytes;
  }

  /** True when nothing waits in the chain. */
  isClear(chain: number): boolean {
    return (this.#first[chain] ?? 0) === 0;
  }

  /** Gives the bytes of a chain, some after the other; what is given is good until the next is. */
  read(chain: number, give: (bytes: Uint8Array) => void): void {
    const size = this.#pieceBytes;
    const end = this.#tail[chain] ?? 0;
    let filled = 0;
    for (let piece = (this.#first[chain] ?? 0) - 1; piece >= 0; piece = (this.#next[piece] ?? 0) - 1) {
      const start = piece * size;
      const isLast = this.#next[piece] === 0;
      const stop = isLast ? end : start + size;
      if (filled + stop - start > this.#joined.length) {
        give(this.#joined.subarray(0, filled));
        filled = 0;
      }
      this.#joined.set(this.#memory.subarray(start, stop), filled);
      filled += stop - start;
    }
    if (filled > 0) give(this.#joined.subarray(0, filled));
  }

  /** Forgets everything; pieces have this size from now on. */
  clear(pieceBytes: number): void {
    this.#used = 0;
    this.#first.fill(0);
    this.#tail.fill(0);
    if (pieceBytes === this.#pieceBytes) return;
    this.#pieceBytes = pieceBytes;
    this.#pieces = Math.floor(this.#memory.length / pieceBytes);
    this.#next = new Int32Array(this.#pieces);
  }

  #makeChains(chain: number): void {
    const length = Math.max(chain + 1, this.#first.length * 2);
    const first = new Int32Array(length);
    const tail = new Int32Array(length);
    first.set(this.#first);
    tail.set(this.#tail);
    this.#first = first;
    this.#tail = tail;
  }
}
