/**
 * The keys of a parameter.
 */
import * as v from "valibot";
import { optional, safeText } from "./schema_parts.ts";

/** One parameter. */
export const ParamSchema = v.strictObject({
  default: optional(
    v.union(
      [safeText("a string"), v.number("a number"), v.boolean("a boolean")],
      "a string, a number or a boolean",
    ),
    "What it is unless --set NAME=VALUE says otherwise; without a default it has to be set.",
  ),
  explain: optional(v.string("a string"), "One line for people: what this parameter does."),
}, 'an object such as {"default": "x"}');

/** A parameter of a flow file. */
export type ParamFile = v.InferOutput<typeof ParamSchema>;
