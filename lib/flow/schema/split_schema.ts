/**
 * The key `split`: each record goes to the stream of its key.
 */
import * as v from "valibot";
import { choice, optional, union, whole } from "./schema_parts.ts";
import { COLUMN, HEADER, HEADER_LINES_MAX, KEY, KEY_FORMS, Separator } from "./workers_schema.ts";

const SPLIT = 'an object such as {"key": {"column": "country"}, "format": "csv"}';
const SPLIT_KEY = `${KEY}, or {"column": "country"}, the name of a column in the header`;
const NAME = "the name of a column, not empty";

const SplitKey = union([
  ...KEY_FORMS,
  v.union([
    v.strictObject({
      column: v.union([
        whole(COLUMN, { min: 1, max: 1_000_000 }),
        v.pipe(v.string(NAME), v.nonEmpty(NAME)),
      ], `${COLUMN}, or ${NAME}`),
      separator: v.optional(Separator),
    }),
    v.strictObject({ pattern: v.string("a regular expression") }),
  ], SPLIT_KEY),
], SPLIT_KEY);

/** How an actor splits what it reads. */
export const SplitSchema = v.strictObject({
  key: v.pipe(SplitKey, v.description(`Where the key of a record is: ${SPLIT_KEY}.`)),
  header: optional(
    whole(HEADER, { min: 0, max: HEADER_LINES_MAX }),
    "How many records at the beginning each of the streams has: none by default, 1 where the key is a column by its name.",
  ),
  format: optional(
    choice("lines", "csv"),
    "What a record is: a line (lines, the default), or a row of CSV (csv), whose quoted cells may hold commas and line breaks.",
  ),
}, SPLIT);
