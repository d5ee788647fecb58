/**
 * Reads JSON in bytes without making values of it: each function says where what begins at a place ends, or -1 when
 * it is no JSON. Faster than `JSON.parse` of the same bytes for small lines, and what is valid is passed
 * on as it is.
 */
import { NESTING_MAX } from "../core/limits/message.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** For each byte: 1 when it may follow a backslash, 2 for `u`. */
const ESCAPES = new Uint8Array(256);
for (const letter of '"\\/bfnrt') ESCAPES[letter.charCodeAt(0)] = 1;
ESCAPES[0x75] = 2;

const HEX = new Uint8Array(256);
for (const letter of "0123456789abcdefABCDEF") HEX[letter.charCodeAt(0)] = 1;

/** Where the next byte is that is no blank; `end` when there is none. */
export function skipBlanks(bytes: Uint8Array, at: number): number {
  for (let byte = bytes[at]; byte === SPACE || byte === 0x09 || byte === 0x0a || byte === 0x0d;) {
    byte = bytes[++at];
  }
  return at;
}

/**
 * The end of the value that begins at `at`, or -1. The bytes must not end within it: whoever calls sees to a byte
 * behind the last one that belongs to no value, such as a line break.
 */
export function skipValue(bytes: Uint8Array, at: number, depth = 0): number {
  const byte = bytes[at];
  switch (byte) {
    case QUOTE:
      return skipString(bytes, at);
    case 0x7b:
      return skipObject(bytes, at, depth);
    case 0x5b:
      return skipList(bytes, at, depth);
    case 0x74:
      return skipWord(bytes, at, "true");
    case 0x66:
      return skipWord(bytes, at, "false");
    case 0x6e:
      return skipWord(bytes, at, "null");
    default:
      return skipNumber(bytes, at);
  }
}

/** All bits that were set in a byte of a string since the last `takeBits`: beyond 0x7f it has to be UTF-8. */
let stringBits = 0;

/** Bytes beyond 0x7f are only possible in strings; whether they are UTF-8 is for the caller to ask, once a line. */
export function takeBits(): number {
  const bits = stringBits;
  stringBits = 0;
  return bits;
}

/** The end of the string whose quote is at `at`. */
export function skipString(bytes: Uint8Array, at: number): number {
  let bits = 0;
  for (at += 1;;) {
    const byte = bytes[at] ?? 0;
    if (byte !== QUOTE && byte !== BACKSLASH && byte >= SPACE) {
      bits |= byte;
      at += 1;
      continue;
    }
    if (byte === QUOTE) {
      stringBits |= bits;
      return at + 1;
    }
    if (byte < SPACE) return -1;
    at = skipEscape(bytes, at);
    if (at < 0) return -1;
  }
}

function skipEscape(bytes: Uint8Array, at: number): number {
  const escape = ESCAPES[bytes[at + 1] ?? 0];
  if (escape === 0) return -1;
  if (escape === 1) return at + 2;
  for (let digit = at + 2; digit < at + 6; digit++) if (HEX[bytes[digit] ?? 0] === 0) return -1;
  return at + 6;
}

function skipObject(bytes: Uint8Array, at: number, depth: number): number {
  if (depth >= NESTING_MAX) return -1;
  at = skipBlanks(bytes, at + 1);
  if (bytes[at] === 0x7d) return at + 1;
  for (;;) {
    if (bytes[at] !== QUOTE) return -1;
    at = skipString(bytes, at);
    if (at < 0) return -1;
    at = skipBlanks(bytes, at);
    if (bytes[at] !== COLON) return -1;
    at = skipValue(bytes, skipBlanks(bytes, at + 1), depth + 1);
    if (at < 0) return -1;
    at = skipBlanks(bytes, at);
    if (bytes[at] === 0x7d) return at + 1;
    if (bytes[at] !== COMMA) return -1;
    at = skipBlanks(bytes, at + 1);
  }
}

function skipList(bytes: Uint8Array, at: number, depth: number): number {
  if (depth >= NESTING_MAX) return -1;
  at = skipBlanks(bytes, at + 1);
  if (bytes[at] === 0x5d) return at + 1;
  for (;;) {
    at = skipValue(bytes, at, depth + 1);
    if (at < 0) return -1;
    at = skipBlanks(bytes, at);
    if (bytes[at] === 0x5d) return at + 1;
    if (bytes[at] !== COMMA) return -1;
    at = skipBlanks(bytes, at + 1);
  }
}

function skipWord(bytes: Uint8Array, at: number, word: string): number {
  for (let index = 0; index < word.length; index++) {
    if (bytes[at + index] !== word.charCodeAt(index)) return -1;
  }
  return at + word.length;
}

function skipNumber(bytes: Uint8Array, at: number): number {
  if (bytes[at] === MINUS) at += 1;
  if (bytes[at] === ZERO) at += 1;
  else {
    const digits = skipDigits(bytes, at);
    if (digits === at) return -1;
    at = digits;
  }
  if (bytes[at] === DOT) {
    const digits = skipDigits(bytes, at + 1);
    if (digits === at + 1) return -1;
    at = digits;
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const sign = bytes[at + 1];
    const from = sign === PLUS || sign === MINUS ? at + 2 : at + 1;
    const digits = skipDigits(bytes, from);
    if (digits === from) return -1;
    at = digits;
  }
  return at;
}

function skipDigits(bytes: Uint8Array, at: number): number {
  for (let byte = bytes[at] ?? 0; byte >= ZERO && byte <= NINE; byte = bytes[at] ?? 0) at += 1;
  return at;
}
