/**
 * JSON values whose numbers are written as they were read: `12345678901234567890` and `1.0` are no numbers that
 * JavaScript could give back, and what actors send to each other is none of the engine's business.
 */

/** What a number may look like that is not written as it was read; strings may look like that too, which only costs. */
const INEXACT = /\d{16}|\d[eE]|\.\d*0(?!\d)|-0/;

/** A number as it was written, in what `readExactly` gives. */
interface RawNumber {
  readonly rawJSON: string;
}

/** Newer than what TypeScript knows of the language. */
interface ExactJson {
  parse(
    text: string,
    revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
}

// Deno, Bun and Node have it.
const json = JSON as unknown as ExactJson;

/** Reads JSON; a number that would be written otherwise is kept as it is. */
export function readExactly(text: string): unknown {
  if (!INEXACT.test(text)) return JSON.parse(text) as unknown;
  return json.parse(text, (_, value, { source }) => {
    return typeof value === "number" && source !== undefined && String(value) !== source
      ? json.rawJSON(source)
      : value;
  });
}

/** True for a number that is kept as it was written. */
export function isRawNumber(value: unknown): boolean {
  return json.isRawJSON(value);
}
