/**
 * The keys of a set. `expand/check_sets.ts` says what may stand together.
 */
import * as v from "valibot";
import { choice, filledList, filledText, flag, optional, record, safeText, union } from "./schema_parts.ts";

/** The keys that say what a set is; each has exactly one of them. */
export const SET_KINDS = ["files", "values", "range", "table", "stream", "keys"] as const;

const FILES = 'a pattern such as "logs/**/*.gz", or a list of them';
const VALUES = 'a list of strings, numbers, booleans or objects such as ["warn", "error"]';
const RANGE = "a list of two or three numbers: from, to and step, such as [1, 10]";
const TABLE = 'the path of a table such as "sites.csv"';
const STREAM = 'the name of a stream such as "urls", or a list of them';
const KEYS = 'an actor with "split", such as "rows"';
const KEY = 'the name of a field such as "name"';

const Pattern = v.pipe(safeText(FILES), v.nonEmpty(FILES));
const Value = union([
  v.string(VALUES),
  v.number(VALUES),
  v.boolean(VALUES),
  record({ key: v.string(VALUES), value: v.unknown(), expected: VALUES }),
], VALUES);
const RangeNumber = v.pipe(v.number(RANGE), v.minValue(-1e15, RANGE), v.maxValue(1e15, RANGE));

/** What there are many of. */
export const SetSchema = v.strictObject({
  files: optional(
    union([Pattern, filledList(Pattern, FILES)], FILES),
    `The files that match: ${FILES}; a pattern that begins with ! leaves out. Their fields are path, name, stem, dir and ext. {param.NAME} is replaced.`,
  ),
  values: optional(
    filledList(Value, VALUES),
    "These values: a plain one is {SET}, the keys of an object are fields. {param.NAME} is replaced in strings.",
  ),
  range: optional(
    v.pipe(v.array(RangeNumber, RANGE), v.minLength(2, RANGE), v.maxLength(3, RANGE)),
    "Numbers from, to and step, both ends in it: [1, 10] or [0, 1, 0.25].",
  ),
  table: optional(
    v.pipe(safeText(TABLE), v.nonEmpty(TABLE)),
    "The rows of a table, whose columns are the fields: CSV and TSV with a header, or NDJSON. {param.NAME} is replaced.",
  ),
  stream: optional(
    union([safeText(STREAM), filledList(safeText(STREAM), STREAM)], STREAM),
    "The records of a stream, known while the flow runs: the keys of a JSON object are fields, any other line is {SET}. Empty lines are none.",
  ),
  keys: optional(
    v.pipe(safeText(KEYS), v.nonEmpty(KEYS)),
    `The keys of ${KEYS}, known when all of its input has come: {SET} is the key, and who reads that actor reads the records of its own key. See docs/split.md.`,
  ),
  order: optional(
    choice("input", "any"),
    "Whether what the members of a stream write is put together in the order of the records, or as they end.",
  ),
  format: optional(
    choice("csv", "tsv", "ndjson"),
    "What kind of table it is, where its name does not end with .csv, .tsv, .ndjson or .jsonl.",
  ),
  key: optional(
    filledText(KEY),
    "The field whose value names a member, and is different in each: path for files, the value itself, or the first column by default (of a stream, the first key of each object); index is the number of the member.",
  ),
  optional: optional(
    flag(),
    "Whether it may be that no file matches or a table has no rows; otherwise that is a mistake.",
  ),
  explain: optional(v.string("a string"), "One line for people: what there are many of."),
}, 'an object such as {"files": "logs/*.gz"}');

/** A set of a flow file. */
export type SetFile = v.InferOutput<typeof SetSchema>;
