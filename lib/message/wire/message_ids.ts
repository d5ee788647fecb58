/**
 * The identities of messages: UUIDs of a random beginning, which is that of the run, and a number. A new one costs a
 * few nanoseconds, and the engine knows its own by their beginning.
 */
import { randomUUID } from "node:crypto";

export const ID_LENGTH = 36;
/** Hexadecimal digits of the number, at the end. */
const DIGITS = 12;
const DIGITS_AT = ID_LENGTH - DIGITS;

const HEX = new TextEncoder().encode("0123456789abcdef");

/** What a digit is worth by its byte; 255 for other bytes. */
const WORTH = new Uint8Array(256).fill(255);
for (const [worth, byte] of HEX.entries()) WORTH[byte] = worth;

export class MessageIds {
  /** The last one that was given, as it is written. */
  readonly bytes: Uint8Array;
  #number = 0;

  /** @param seed a UUID; its last group is counted from 0 */
  constructor(seed: string = randomUUID()) {
    this.bytes = new TextEncoder().encode(`${seed.slice(0, DIGITS_AT)}${"0".repeat(DIGITS)}`);
  }

  /** Makes the next one, which is in `bytes` then. */
  next(): number {
    this.#number += 1;
    for (let at = ID_LENGTH - 1; at >= DIGITS_AT; at--) {
      const worth = ((WORTH[this.bytes[at] ?? 0] ?? 0) + 1) & 15;
      this.bytes[at] = HEX[worth] ?? 0;
      if (worth !== 0) break;
    }
    return this.#number;
  }

  /** The last one that was given, as a text. */
  get newest(): string {
    return new TextDecoder().decode(this.bytes);
  }

  /** The number of an id of this run, and -1 for any other text. */
  parse(bytes: Uint8Array, start: number, end: number): number {
    if (end - start !== ID_LENGTH) return -1;
    for (let at = 0; at < DIGITS_AT; at++) if (bytes[start + at] !== this.bytes[at]) return -1;
    let number = 0;
    for (let at = start + DIGITS_AT; at < end; at++) {
      const worth = WORTH[bytes[at] ?? 0] ?? 255;
      if (worth === 255) return -1;
      number = number * 16 + worth;
    }
    return number <= this.#number ? number : -1;
  }

  /** The id of a number, as a text. */
  text(number: number): string {
    const prefix = new TextDecoder().decode(this.bytes.subarray(0, DIGITS_AT));
    return `${prefix}${number.toString(16).padStart(DIGITS, "0")}`;
  }
}
