/**
 * Pieces that the schemas of the flow file are made of.
 */
import * as v from "valibot";
import { DURATION } from "./duration.ts";
import { SIZE } from "./size.ts";

export const DURATIONS = 'a duration with its unit, such as "500ms", "5s", "2m" or "1h"';
const SIZES = 'an amount of bytes with its unit, such as "512KiB", "64MiB", "8GiB" or "0B"';
const STREAMS = "a stream or a list of streams";

/** A key with its description; the description is what editors show. */
export function optional<const S extends v.GenericSchema>(schema: S, description: string) {
  return v.optional(v.pipe(schema, v.description(description)));
}

export function duration() {
  return v.pipe(v.string(DURATIONS), v.regex(DURATION, DURATIONS));
}

export function whole(expected: string, { min, max }: { min: number; max: number }) {
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

export function named(pattern: RegExp, expected: string) {
  return v.pipe(v.string(expected), v.regex(pattern, expected));
}

/** No system call takes a NUL character in an argument, a path or a variable. */
export function safeText(expected: string) {
  return v.pipe(v.string(expected), v.regex(/^[^\0]*$/, `${expected} with no NUL character`));
}

/** A string that is not empty. */
export function filledText(expected: string) {
  return v.pipe(v.string(expected), v.nonEmpty(expected));
}

/** A list that is not empty. */
export function filledList<const S extends v.GenericSchema>(schema: S, expected: string) {
  return v.pipe(v.array(schema, expected), v.nonEmpty(expected));
}

/** One of these words. */
export function choice<const W extends readonly string[]>(...words: W) {
  const quoted = words.map((word) => `"${word}"`);
  return v.picklist(words, `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`);
}

export function flag() {
  return v.boolean("true or false");
}

export function size() {
  return v.pipe(v.string(SIZES), v.regex(SIZE, SIZES));
}

/** Like `v.union`, but the kind of the value says which alternative was meant, so that only its mistakes are told. */
export function union<const O extends readonly v.GenericSchema[]>(options: O, expected: string) {
  const schema = v.union(options, expected);
  const run = (dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) => {
    const { value } = dataset;
    const kind = Array.isArray(value)
      ? "array"
      : typeof value === "object" && value !== null
      ? "object"
      : typeof value;
    const meant = options.find(({ type }) =>
      type === kind || (kind === "object" && (type === "record" || type === "strict_object"))
    );
    return (meant ?? schema)["~run"](dataset, config);
  };
  // Each alternative gives what the union of them gives.
  return { ...schema, "~run": run as typeof schema["~run"] };
}

/** Like `v.record`, which takes a list for an object with the keys 0, 1, 2. */
export function record<K extends v.GenericSchema<string>, V extends v.GenericSchema>(
  { key, value, expected }: { key: K; value: V; expected: string },
) {
  const schema = v.record(key, value, expected);
  const run: typeof schema["~run"] = (dataset, config) => {
    return schema["~run"](Array.isArray(dataset.value) ? { value: undefined } : dataset, config);
  };
  return { ...schema, "~run": run };
}

export const Text = safeText("a string");
export const Path = v.pipe(safeText("a path"), v.nonEmpty("a path, not empty"));
export const Stream = safeText("the name of a stream");

/** One stream or several, by name. */
export const Streams = union([Stream, v.array(Stream, STREAMS)], STREAMS);

/** Environment variables. */
export const Variables = record({
  key: named(/^[^=\0]+$/, "the name of a variable: not empty, with no = and no NUL character"),
  value: safeText("a string"),
  expected: "an object of variables and their strings",
});
