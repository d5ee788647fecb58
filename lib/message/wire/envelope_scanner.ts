/**
 * Finds the keys of an envelope in the bytes of a line. The payload is held against the grammar of JSON, but not
 * parsed; of every key only its place is kept.
 */
import { isUtf8 } from "node:buffer";
import { skipBlanks, skipString, skipValue, takeBits } from "../../data/json_scan.ts";

const QUOTE = 0x22;
const NULL = 0x6e;
const OBJECT = 0x7b;

/** The keys of an envelope, by their numbers. */
export const FIELDS = [
  "message_type",
  "receiver",
  "message",
  "message_id",
  "correlation_id",
  "priority",
  "topic",
  "route",
  "headers",
  "error",
  "sender_key",
  "ack",
  "nack",
  "parent_id",
  "sender_actor",
  "sender_endpoint",
] as const;

export type FieldName = typeof FIELDS[number];

export const MESSAGE_TYPE = 0;
export const RECEIVER = 1;
export const MESSAGE = 2;
export const MESSAGE_ID = 3;
export const CORRELATION_ID = 4;
export const PRIORITY = 5;
export const TOPIC = 6;
export const ROUTE = 7;
export const HEADERS = 8;
export const ERROR = 9;
export const SENDER_KEY = 10;
export const ACK = 11;
export const NACK = 12;
export const PARENT_ID = 13;
export const SENDER_ACTOR = 14;
export const SENDER_ENDPOINT = 15;

/** What an envelope carries that carries nothing. */
export const NO_PAYLOAD = new TextEncoder().encode("null");

/** What the value of a field has to begin with; 0 for anything. */
const KINDS = new Uint8Array(FIELDS.length);
for (const field of [0, RECEIVER, MESSAGE_ID, CORRELATION_ID, TOPIC, SENDER_KEY, ACK, NACK, PARENT_ID]) {
  KINDS[field] = QUOTE;
}
for (const field of [ROUTE, HEADERS, ERROR]) KINDS[field] = OBJECT;

interface Known {
  readonly field: number;
  readonly name: Uint8Array;
}

/** The fields by the length of their names. */
const BY_LENGTH: readonly (readonly Known[])[] = Array.from({ length: 16 }, (_, length) => {
  return FIELDS.map((text, field) => ({ field, name: new TextEncoder().encode(text) }))
    .filter(({ name }) => name.length === length);
});

/** Why a line is no envelope. */
export type LineProblem =
  | { readonly kind: "no-json" }
  | { readonly kind: "no-object" }
  | { readonly kind: "not-utf8" }
  | { readonly kind: "empty" }
  | { readonly kind: "wrong-key"; readonly key: FieldName; readonly expected: string };

/** One scanner, used for one line after the other: its places are those of the last line. */
export class EnvelopeScanner {
  /** Where the value of each field begins and ends, at twice its number; -1 where it is not there, or null. */
  readonly places = new Int32Array(FIELDS.length * 2);
  /** True when a key was written with escapes: the line has to be written anew before it can be scanned. */
  isEscaped = false;

  #wrong: LineProblem | undefined;

  /** The line from `start` to `end`, where its line break is. Undefined when it is an envelope or a control line. */
  scan(bytes: Uint8Array, start: number, end: number): LineProblem | undefined {
    const { places } = this;
    for (let place = 0; place < places.length; place += 2) places[place] = -1;
    this.isEscaped = false;
    this.#wrong = undefined;
    takeBits();
    let at = skipBlanks(bytes, start);
    if (at >= end) return { kind: "empty" };
    if (bytes[at] !== OBJECT) {
      const close = skipValue(bytes, at);
      return { kind: close >= 0 && skipBlanks(bytes, close) >= end ? "no-object" : "no-json" };
    }
    at = this.#scanKeys(bytes, at);
    if (at < 0 || at > end || skipBlanks(bytes, at) < end) return { kind: "no-json" };
    if (takeBits() > 0x7f && !isUtf8(bytes.subarray(start, end))) return { kind: "not-utf8" };
    if (this.#wrong !== undefined) return this.#wrong;
    const isSomething = this.has(MESSAGE_TYPE) || this.has(MESSAGE) || this.has(ACK) || this.has(NACK);
    return isSomething || this.isEscaped ? undefined : NOTHING;
  }

  /** The value of a field as it is written. */
  raw(bytes: Uint8Array, field: number): Uint8Array | undefined {
    const start = this.places[field * 2] ?? -1;
    return start < 0 ? undefined : bytes.subarray(start, this.places[field * 2 + 1]);
  }

  /** The payload as it is written; `null` when there is none. */
  payload(bytes: Uint8Array): Uint8Array {
    return this.raw(bytes, MESSAGE) ?? NO_PAYLOAD;
  }

  has(field: number): boolean {
    return (this.places[field * 2] ?? -1) >= 0;
  }

  /** The end of the object, or -1. */
  #scanKeys(bytes: Uint8Array, open: number): number {
    let at = skipBlanks(bytes, open + 1);
    if (bytes[at] === 0x7d) return at + 1;
    for (;;) {
      if (bytes[at] !== QUOTE) return -1;
      const key = at + 1;
      at = skipString(bytes, at);
      if (at < 0) return -1;
      const field = this.#fieldOf(bytes, key, at - 1);
      at = skipBlanks(bytes, at);
      if (bytes[at] !== 0x3a) return -1;
      const value = skipBlanks(bytes, at + 1);
      at = skipValue(bytes, value);
      if (at < 0) return -1;
      if (field >= 0) this.#note(bytes, { field, value, end: at });
      at = skipBlanks(bytes, at);
      if (bytes[at] === 0x7d) return at + 1;
      if (bytes[at] !== 0x2c) return -1;
      at = skipBlanks(bytes, at + 1);
    }
  }

  #note(
    bytes: Uint8Array,
    { field, value, end }: { readonly field: number; readonly value: number; readonly end: number },
  ): void {
    const byte = bytes[value];
    // Null is as good as nothing, but for the payload.
    this.places[field * 2] = byte === NULL && field !== MESSAGE ? -1 : value;
    this.places[field * 2 + 1] = end;
    const kind = KINDS[field];
    if (kind !== 0 && byte !== kind && byte !== NULL) {
      const expected = kind === QUOTE ? "a string" : "an object";
      this.#wrong = { kind: "wrong-key", key: FIELDS[field] ?? "message", expected };
    } else if (field === PRIORITY && byte !== NULL && readPriority(bytes, value, end) < 0) {
      this.#wrong = { kind: "wrong-key", key: "priority", expected: "a whole number from 0 to 255" };
    }
  }

  #fieldOf(bytes: Uint8Array, start: number, end: number): number {
    const known = BY_LENGTH[end - start];
    if (known !== undefined) {
      for (let at = 0; at < known.length; at++) {
        const candidate = known[at];
        if (candidate !== undefined && isSame(bytes, start, candidate.name)) return candidate.field;
      }
    }
    if (!this.isEscaped) this.isEscaped = hasBackslash(bytes, start, end);
    return -1;
  }
}

const NOTHING: LineProblem = {
  kind: "wrong-key",
  key: "message_type",
  expected: "one of message_type and message",
};

/** A whole number from 0 to 255 as digits; -1 for anything else. */
export function readPriority(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 3 || end === start) return -1;
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number > 255 ? -1 : number;
}

function hasBackslash(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === 0x5c) return true;
  return false;
}

function isSame(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name[at]) return false;
  return true;
}
