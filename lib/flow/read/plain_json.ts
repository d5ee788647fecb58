/**
 * Most flows are JSON as every runtime reads it, without comments and without mistakes: then nothing else is loaded, and
 * reading is ten times as fast. Whatever else a text is, `flow_text.ts` finds out, with the places of what it holds.
 */

/** Deepest nesting of lists and objects. */
export const DEPTH_MAX = 200;

/** Characters that take two are seldom written so. */
const HALF_CHARACTER = /\\u[dD][89a-fA-F]/;

/** What a text holds; undefined when it is no plain JSON, is nested too deeply, or has a key twice. */
export function readPlainJson(text: string): { readonly value: unknown } | undefined {
  if (HALF_CHARACTER.test(text)) return undefined; // Perhaps without its other half.
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // Who reads it with its places tells what is wrong.
  }
  const { depth, keys } = measure(text);
  // Of two equal keys the value has one.
  return depth <= DEPTH_MAX && keys === countKeys(value) ? { value } : undefined;
}

/** True for a number that may be another one than was written: too large, or a whole one of too many digits. */
export function mayBeUnheld(value: number): boolean {
  return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
}

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
const BRACE = 123;
const BRACE_END = 125;
const BRACKET = 91;
const BRACKET_END = 93;

/** How deep valid JSON is nested, and how many keys stand in it. */
function measure(text: string): { readonly depth: number; readonly keys: number } {
  let depth = 0;
  let level = 0;
  let keys = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at);
        if (text.charCodeAt(skipSpace(text, at + 1)) === COLON) keys++;
        break;
      case BRACE:
      case BRACKET:
        if (++level > depth) depth = level;
        break;
      case BRACE_END:
      case BRACKET_END:
        level--;
        break;
    }
  }
  return { depth, keys };
}

/** Where the quote is that ends a string. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) <= 32) at++;
  return at;
}

/** Not a number for one that may not be what was written. */
function countKeys(value: unknown): number {
  if (typeof value === "number" && mayBeUnheld(value)) return Number.NaN;
  if (typeof value !== "object" || value === null) return 0;
  const held: readonly unknown[] = Object.values(value);
  let count = Array.isArray(value) ? 0 : held.length;
  for (const each of held) count += countKeys(each);
  return count;
}
