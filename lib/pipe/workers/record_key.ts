/**
 * The key of a record (a line), and the worker that a key belongs to.
 */
import type { KeyRule } from "../../core/flow.ts";

/** What stands between columns: what `awk` takes for a blank, and no other space of Unicode. */
const BLANKS = /[ \t]+/u;
/** Blanks in front of the first column, and the rest of a line break behind the last one. */
const AROUND = /^[ \t]+|\r$/gu;

/** Gives the key of a line, without its line break. A line that has none has the key "". */
export function makeKeyReader(rule: KeyRule): (line: string) => string {
  switch (rule.kind) {
    case "pointer":
      return (line) => readPointer(line, rule.path);
    case "column":
      return (line) => {
        const { separator } = rule;
        const columns = separator === undefined
          ? line.replaceAll(AROUND, "").split(BLANKS)
          : line.split(separator);
        return columns[rule.column - 1] ?? "";
      };
    case "pattern": {
      const pattern = new RegExp(rule.pattern, "u");
      return (line) => {
        const match = pattern.exec(line);
        return match?.[1] ?? match?.[0] ?? "";
      };
    }
  }
}

function readPointer(line: string, path: readonly string[]): string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return ""; // No JSON has no key.
  }
  for (const token of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, token)) return "";
    // An object with this key of its own; lists have their numbers as keys.
    value = (value as Readonly<Record<string, unknown>>)[token];
  }
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

/** Which of `count` workers has this key: always the same (FNV-1a). */
export function workerOfKey(key: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  // The low bits alone would follow those of the last character.
  return ((hash ^ (hash >>> 15)) >>> 0) % count;
}
