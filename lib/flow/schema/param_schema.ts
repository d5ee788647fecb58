/**
 * The keys of a parameter.
 */
import * as v from "valibot";
import { named, optional, safeText, union } from "./schema_parts.ts";

const TYPE = '"string", "number", "integer", "boolean" or "path"';
const CHOICES = 'a list of strings or numbers such as ["fast", "exact"]';
const CHOICE = "a string or a number";
const VARIABLE = "the name of a variable: letters, digits and _, the first one no digit";

/** One parameter. */
export const ParamSchema = v.strictObject({
  default: optional(
    v.union(
      [safeText("a string"), v.number("a number"), v.boolean("a boolean")],
      "a string, a number or a boolean",
    ),
    "What it is unless --set NAME=VALUE says otherwise; without a default it has to be set.",
  ),
  env: optional(
    named(/^[A-Za-z_][A-Za-z0-9_]*$/, VARIABLE),
    "The environment variable that it is taken from, where --set does not say it; --env-file FILE may have it, too.",
  ),
  secret: optional(
    v.boolean("true or false"),
    "Whether nobody should see its value: wherever the engine would write it, it writes ***. See docs/parameters.md.",
  ),
  type: optional(
    v.picklist(["string", "number", "integer", "boolean", "path"], TYPE),
    `What it may be: ${TYPE}. A relative path starts where it is given: at the current folder, or at that of the flow that uses this one.`,
  ),
  choices: optional(
    v.pipe(
      v.array(union([safeText(CHOICE), v.number(CHOICE)], CHOICE), CHOICES),
      v.nonEmpty(CHOICES),
    ),
    "What it may be, and nothing else.",
  ),
  explain: optional(v.string("a string"), "One line for people: what this parameter does."),
}, 'an object such as {"default": "x"}');

/** A parameter of a flow file. */
export type ParamFile = v.InferOutput<typeof ParamSchema>;
