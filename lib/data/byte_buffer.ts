/**
 * Bytes in a row that grow at the end and are taken from the beginning: what is on its way to a process, or from it.
 */
/** A part of some bytes. */
export interface Part {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export class ByteBuffer {
  bytes: Uint8Array;
  /** What is there lies from `start` to `end`. */
  start = 0;
  end = 0;

  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Makes room for so many bytes after `end`. */
  reserve(count: number): void {
    if (this.end + count <= this.bytes.length) return;
    const { length } = this;
    if (this.start > 0 && length + count <= this.bytes.length && length <= this.start) {
      this.bytes.copyWithin(0, this.start, this.end);
    } else {
      let capacity = this.bytes.length * 2;
      while (capacity < length + count) capacity *= 2;
      const grown = new Uint8Array(capacity);
      grown.set(this.bytes.subarray(this.start, this.end));
      this.bytes = grown;
    }
    this.start = 0;
    this.end = length;
  }

  put(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  putPart({ bytes, start, end }: Part): void {
    this.put(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
  }

  /** Forgets the first bytes. */
  take(count: number): void {
    this.start += count;
    if (this.start === this.end) this.start = this.end = 0;
  }

  clear(): void {
    this.start = this.end = 0;
  }
}
