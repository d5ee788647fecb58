/**
 * Texts for keys and types that are wrong.
 */
import type * as v from "valibot";
import type { JsonPath } from "../../core/issue.ts";
import { didYouMean } from "./check_context.ts";
import { quote } from "../schema/names.ts";

/** A name that breaks the rule for names. */
export function badName(path: JsonPath, expected: string) {
  const message = `Cannot use the name ${
    quote(String(path.at(-1)))
  }: it is not allowed (expected ${expected})`;
  return { path, message, at: "key" as const };
}

/** A key that an object has and should not. */
export function unknownKey(
  path: JsonPath,
  { what, meant, known }: { what: string; meant: string | undefined; known: readonly string[] },
) {
  const key = quote(String(path.at(-1)));
  const remedy = didYouMean(meant, `expected one of ${known.join(", ")}`);
  return { path, message: `Cannot use key ${key}: ${what} has no such key (${remedy})` };
}

/** Where in what was read the schema found it. */
export function jsonPath(issue: v.BaseIssue<unknown>): JsonPath {
  return (issue.path ?? []).map(({ key }) => typeof key === "number" ? key : String(key));
}

/** `the string "x"`, `an empty list`. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "string") return `the string ${quote(value)}`;
  if (typeof value === "object") return Object.keys(value).length === 0 ? "an empty object" : "an object";
  return `the ${typeof value} ${String(value)}`;
}
