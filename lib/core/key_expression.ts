/**
 * Key expressions, by the rules that Zenoh publishes: chunks parted by `/`, `*` for one chunk, `**` for any number of
 * them, `$*` for any characters within a chunk. A chunk that begins with `@` is matched by itself only.
 */
import { TOPIC_LENGTH_MAX } from "./limits/message.ts";

/** An expression that was read: its chunks, in the canonical form. */
export interface KeyExpression {
  readonly text: string;
  readonly chunks: readonly string[];
  /** True when it names exactly one key. */
  readonly isKey: boolean;
}

export type KeyReading =
  | { readonly ok: true; readonly key: KeyExpression }
  /** `reason` completes "it …". */
  | { readonly ok: false; readonly reason: string };

/** Reads an expression and brings it into its canonical form, of which there is one for each set of keys. */
export function readKeyExpression(text: string): KeyReading {
  if (text === "") return { ok: false, reason: "is empty (expected such as sensors/*/temperature)" };
  if (text.length > TOPIC_LENGTH_MAX) {
    return { ok: false, reason: `is too long (expected at most ${TOPIC_LENGTH_MAX} characters)` };
  }
  const chunks: string[] = [];
  for (const chunk of text.split("/")) {
    const reason = problemOf(chunk);
    if (reason !== undefined) return { ok: false, reason };
    append(chunks, canonical(chunk));
  }
  return {
    ok: true,
    key: { text: chunks.join("/"), chunks, isKey: !chunks.some((chunk) => chunk.includes("*")) },
  };
}

function problemOf(chunk: string): string | undefined {
  if (chunk === "") return "has an empty chunk (expected no / at the beginning or end, and no two in a row)";
  if (/[#?]/.test(chunk)) return "has a # or ? (expected * for one chunk, ** for any number of them)";
  if (/\$(?!\*)/.test(chunk)) {
    return "has a $ that is not followed by * (expected $* for any letters within a chunk)";
  }
  if (chunk === "*" || chunk === "**") return undefined;
  return /(?<!\$)\*/.test(chunk) ? "has a * within a chunk (expected $* there)" : undefined;
}

function canonical(chunk: string): string {
  const short = chunk.replace(/(?:\$\*){2,}/g, "$$*");
  return short === "$*" ? "*" : short;
}

// Two of "any number" are one; one chunk and any number are written in this order.
function append(chunks: string[], chunk: string): void {
  if (chunks.at(-1) !== "**" || (chunk !== "**" && chunk !== "*")) chunks.push(chunk);
  else if (chunk === "*") chunks.splice(-1, 0, "*");
}

/** True when some key belongs to both. */
export function intersects(a: KeyExpression, b: KeyExpression): boolean {
  if (a.isKey && b.isKey) return a.text === b.text;
  return meet(a.chunks, b.chunks, { isAny: (chunk) => chunk === "**", canSkip, meet: chunksMeet });
}

/** Any number of chunks stands for no verbatim one. */
function canSkip(chunk: string): boolean {
  return !chunk.startsWith("@");
}

function chunksMeet(a: string, b: string): boolean {
  if (a === b) return true;
  if (a.startsWith("@") || b.startsWith("@")) return false;
  if (a === "*" || b === "*") return true;
  if (!a.includes("$*") && !b.includes("$*")) return false;
  return meet(a.match(PARTS) ?? [], b.match(PARTS) ?? [], {
    isAny: (part) => part === "$*",
    canSkip: () => true,
    meet: (x, y) => x === y,
  });
}

/** A wildcard, or one character. */
const PARTS = /\$\*|[\s\S]/gu;

interface Rules {
  /** Stands for any number of others. */
  readonly isAny: (part: string) => boolean;
  readonly canSkip: (part: string) => boolean;
  readonly meet: (a: string, b: string) => boolean;
}

/** True when two patterns have something in common; from their ends, one row of `b` for each part of `a`. */
function meet(a: readonly string[], b: readonly string[], rules: Rules): boolean {
  let below: boolean[] = [];
  for (let i = a.length; i >= 0; i--) {
    const row: boolean[] = new Array<boolean>(b.length + 1).fill(false);
    for (let j = b.length; j >= 0; j--) {
      const x = a[i];
      const y = b[j];
      row[j] = x === undefined && y === undefined ||
        x !== undefined && rules.isAny(x) &&
          (below[j] === true || y !== undefined && rules.canSkip(y) && row[j + 1] === true) ||
        y !== undefined && rules.isAny(y) &&
          (row[j + 1] === true || x !== undefined && rules.canSkip(x) && below[j] === true) ||
        x !== undefined && y !== undefined && !rules.isAny(x) && !rules.isAny(y) && rules.meet(x, y) &&
          below[j + 1] === true;
    }
    below = row;
  }
  return below[0] === true;
}
