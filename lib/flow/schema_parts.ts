/**
 * Pieces that the schemas of the flow file are made of.
 */
import * as v from "valibot";
import { DURATION } from "./duration.ts";

export const DURATIONS = 'a duration with its unit, such as "500ms", "5s", "2m" or "1h"';

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
