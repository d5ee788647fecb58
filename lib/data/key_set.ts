/**
 * A set of very many texts in few bytes: of each only 64 bits are kept, some 24 bytes with the room between them. Two
 * of a million texts have the same once in some thirty million sets.
 *
 *   hash ──▶ place │ the next one, when that is taken │ …
 */
const PLACES_FIRST = 1024;
/** So full it may become: then it has twice the places. */
const FILL_MAX = 0.7;

export class KeySet {
  /** Two halves of 32 bits for each place; both 0 where there is none. */
  #places = new Uint32Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(key: string): boolean {
    if (this.#size === 0) return false;
    const [high, low] = hashKey(key);
    return this.#places[this.#find(high, low)] !== 0;
  }

  add(key: string): void {
    if (this.#size + 1 > (this.#places.length / 2) * FILL_MAX) this.#grow();
    this.#put(...hashKey(key));
  }

  clear(): void {
    this.#places = new Uint32Array(0);
    this.#size = 0;
  }

  /** Where it is, or would be. */
  #find(high: number, low: number): number {
    const mask = this.#places.length / 2 - 1;
    for (let place = low & mask;; place = (place + 1) & mask) {
      const there = this.#places[place * 2];
      if (there === 0 || there === high && this.#places[place * 2 + 1] === low) return place * 2;
    }
  }

  #put(high: number, low: number): void {
    const at = this.#find(high, low);
    if (this.#places[at] === 0) this.#size += 1;
    this.#places[at] = high;
    this.#places[at + 1] = low;
  }

  #grow(): void {
    const before = this.#places;
    this.#places = new Uint32Array(Math.max(PLACES_FIRST * 2, before.length * 2));
    this.#size = 0;
    for (let at = 0; at < before.length; at += 2) {
      const high = before[at] ?? 0;
      if (high !== 0) this.#put(high, before[at + 1] ?? 0);
    }
  }
}

/** 64 bits of a text, in two halves; the first is never 0. */
export function hashKey(key: string): readonly [high: number, low: number] {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < key.length; at++) {
    const code = key.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return [(high >>> 0) || 1, low >>> 0];
}
