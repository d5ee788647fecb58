import { isRawNumber } from "./exact_json.ts";

/** The value at the parts of a JSON pointer, as a key: a string as it is, anything else but null as JSON. */
export function pointTo(value: unknown, path: readonly string[]): string | undefined {
  let at = value;
  for (const part of path) {
    if (typeof at !== "object" || at === null || isRawNumber(at) || !Object.hasOwn(at, part)) {
      return undefined;
    }
    // What has a key of its own of that name was just asked.
    at = (at as Readonly<Record<string, unknown>>)[part];
  }
  if (at === undefined || at === null) return undefined;
  return typeof at === "string" ? at : JSON.stringify(at);
}
