/**
 * The key `workers`: several processes share the lines of one input.
 */
import * as v from "valibot";
import { WORKERS_MAX } from "../../core/limits/flow.ts";
import { choice, optional, size, union, whole } from "./schema_parts.ts";

const WORKERS =
  'a number of workers from 1 to 1024, or an object such as {"count": 4, "by": "key", "key": "/user"}';
const WORKER_COUNT = "a number of workers from 1 to 1024";
export const KEY =
  'a JSON pointer such as "/user", the number of a column, {"column": 2, "separator": ","} or {"pattern": "^(\\w+)"}';
export const COLUMN = "the number of a column, from 1 to 1000000";
export const HEADER = "a number of lines from 0 to 1000";

export const HEADER_LINES_MAX = 1000;

const Count = whole(WORKER_COUNT, { min: 1, max: WORKERS_MAX });

export const Separator = v.pipe(v.string("a string"), v.nonEmpty("a string, not empty"));

/** A JSON pointer, or a column by its number. */
export const KEY_FORMS = [
  v.pipe(v.string(KEY), v.regex(/^(?:\/[\s\S]*)?$/, KEY)),
  whole(COLUMN, { min: 1, max: 1_000_000 }),
] as const;

/** Where the key of a line is. */
const KeySchema = union([
  ...KEY_FORMS,
  v.union([
    v.strictObject({
      column: whole(COLUMN, { min: 1, max: 1_000_000 }),
      separator: v.optional(Separator),
    }),
    v.strictObject({ pattern: v.string("a regular expression") }),
  ], KEY),
], KEY);

/** Several processes of one actor. */
export const WorkersSchema = v.strictObject({
  count: v.pipe(Count, v.description("How many run at the same time.")),
  by: optional(
    choice("round-robin", "key"),
    "Blocks of lines one after the other (round-robin, the default), or each line to the process of its key.",
  ),
  key: optional(KeySchema, `Where the key of a line is: ${KEY}.`),
  order: optional(
    choice("input", "any"),
    "What comes out: in the order of the input (input, the default), or whole lines as they come (any).",
  ),
  block: optional(
    size(),
    'The size of blocks, such as "1MiB"; a block ends with a line. Without it the size adapts to the speed.',
  ),
  header: optional(
    whole(HEADER, { min: 0, max: HEADER_LINES_MAX }),
    "How many lines at the beginning are given to each process.",
  ),
}, WORKERS);

/** How many there are, or how they share. */
export const Workers = union([Count, WorkersSchema], WORKERS);
