/**
 * Numbers for byte strings: each gets the next one when it first comes. Looked up without making a text of it, so that
 * millions of lines can be asked for theirs.
 */

/** Bytes from `from` to `to`. */
export interface KeyBytes {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

const FIRST_SLOTS = 1024;
const FIRST_BYTES = 16 * 1024;

export class ByteKeys {
  /** A number and one, or 0 where there is none; twice as many as there are keys at least. */
  #slots = new Int32Array(FIRST_SLOTS);
  /** Of each key, by number. */
  #hashes = new Int32Array(FIRST_SLOTS / 2);
  /** Where each begins; the next one's beginning is its end. */
  #starts = new Int32Array(FIRST_SLOTS / 2 + 1);
  #bytes = new Uint8Array(FIRST_BYTES);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Bytes of all keys together. */
  get byteCount(): number {
    return this.#starts[this.#count] ?? 0;
  }

  /** The number of a key; -1 when it has none. */
  find(key: KeyBytes): number {
    return (this.#slots[this.#slotOf(key, hash(key))] ?? 0) - 1;
  }

  /** The number of a key, a new one when it has none. */
  add(key: KeyBytes): number {
    const code = hash(key);
    const slot = this.#slotOf(key, code);
    const known = this.#slots[slot] ?? 0;
    if (known > 0) return known - 1;
    const number = this.#count;
    this.#slots[slot] = number + 1;
    this.#hashes[number] = code;
    const start = this.byteCount;
    const end = start + key.to - key.from;
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, Math.max(end, this.#bytes.length * 2));
    this.#bytes.set(key.bytes.subarray(key.from, key.to), start);
    this.#starts[number + 1] = end;
    this.#count += 1;
    if (this.#count * 2 >= this.#slots.length) this.#grow();
    return number;
  }

  /** The bytes of a key. */
  bytesOf(number: number): Uint8Array {
    return this.#bytes.slice(this.#starts[number], this.#starts[number + 1]);
  }

  /** Where the key is, or its place. */
  #slotOf({ bytes, from, to }: KeyBytes, code: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const length = to - from;
    // The low bits alone would follow those of the last byte.
    for (let slot = (code ^ (code >>> 15)) & mask;; slot = (slot + 1) & mask) {
      const number = (slots[slot] ?? 0) - 1;
      if (number < 0) return slot;
      if (this.#hashes[number] !== code) continue;
      const start = this.#starts[number] ?? 0;
      if ((this.#starts[number + 1] ?? 0) - start !== length) continue;
      let at = 0;
      while (at < length && this.#bytes[start + at] === bytes[from + at]) at += 1;
      if (at === length) return slot;
    }
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      const code = this.#hashes[number] ?? 0;
      let slot = (code ^ (code >>> 15)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
    this.#hashes = grownNumbers(this.#hashes, slots.length / 2);
    this.#starts = grownNumbers(this.#starts, slots.length / 2 + 1);
  }
}

/** FNV-1a. */
function hash({ bytes, from, to }: KeyBytes): number {
  let code = 0x811c9dc5 | 0;
  for (let at = from; at < to; at++) code = Math.imul(code ^ (bytes[at] ?? 0), 0x01000193);
  return code;
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

function grownNumbers(numbers: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(numbers);
  return larger;
}
