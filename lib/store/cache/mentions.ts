/**
 * Which variables of the engine a content names. A process can use `SLUICE_PARAM_LEVEL` only when that name, or the
 * beginning of it, stands in something that it reads; so a parameter that nothing names changes nothing.
 */

import { Buffer } from "node:buffer";

const PREFIX = "SLUICE_";
/** More of them are as good as all. */
const NAMES_MAX = 64;
/** No name is longer; what is longer is as good as its beginning. */
const NAME_LENGTH_MAX = 200;

/** Looks through bytes that come one after the other. */
export class MentionFinder {
  readonly #names = new Set<string>();
  /** The end of what was fed before: a name may go on behind it. */
  #tail: Uint8Array = new Uint8Array();

  feed(bytes: Uint8Array): void {
    const start = Math.min(bytes.length, NAME_LENGTH_MAX);
    if (this.#tail.length > 0) this.#find(Buffer.concat([this.#tail, bytes.subarray(0, start)]));
    this.#find(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    const joined = bytes.length >= NAME_LENGTH_MAX ? bytes : Buffer.concat([this.#tail, bytes]);
    this.#tail = Uint8Array.from(joined.subarray(Math.max(0, joined.length - NAME_LENGTH_MAX)));
  }

  /** Names, and the beginnings of names. */
  end(): readonly string[] {
    return this.#names.size > NAMES_MAX ? [PREFIX] : [...this.#names].sort();
  }

  #find(bytes: Buffer): void {
    for (let at = bytes.indexOf(PREFIX); at >= 0; at = bytes.indexOf(PREFIX, at + PREFIX.length)) {
      const text = bytes.toString("latin1", at, at + NAME_LENGTH_MAX);
      this.#names.add(/^\w+/.exec(text)?.[0] ?? PREFIX);
      if (this.#names.size > NAMES_MAX) return;
    }
  }
}

/** The names in a text. */
export function findMentions(text: string): readonly string[] {
  const finder = new MentionFinder();
  finder.feed(new TextEncoder().encode(text));
  return finder.end();
}

/** True when a variable is named: by its name, or by a beginning that something may be appended to. */
export function isMentioned(variable: string, mentions: ReadonlySet<string>): boolean {
  if (mentions.has(variable)) return true;
  for (const mention of mentions) if (mention.endsWith("_") && variable.startsWith(mention)) return true;
  return false;
}
