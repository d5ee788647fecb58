/**
 * The keys of flows in flows: what uses another flow, and what a flow offers to those that use it.
 */
import * as v from "valibot";
import { NAME_RULE, OUTPUT_NAME, PARAM_NAME } from "./names.ts";
import { named, optional, record, safeText, union } from "./schema_parts.ts";

const USE = 'the path of a flow file such as "./clean.json", or "sluice:NAME" for one that comes with sluice';
const WITH = 'an object of parameters such as {"lang": "en"}';
const VALUE = "a string, a number or a boolean";
const NAME = `a name of ${NAME_RULE}; not stdin, stdout or stderr`;

/** Keys of an actor. */
export const USE_ENTRIES = {
  use: optional(
    v.pipe(safeText(USE), v.nonEmpty(USE)),
    `Another flow as one actor: ${USE}. "in" gives it its inputs, its standard output is the stream NAME, its "ports" are NAME.PORT. See docs/flows.md.`,
  ),
  with: optional(
    record({
      key: named(PARAM_NAME, "the name of a parameter"),
      value: union([safeText(VALUE), v.number(VALUE), v.boolean(VALUE)], VALUE),
      expected: WITH,
    }),
    "What the parameters of the flow that is used are. {param.NAME} and {SET.FIELD} are replaced in strings.",
  ),
  input: optional(
    named(OUTPUT_NAME, NAME),
    'The stream that who uses this flow connects to the input of that name: {"input": "left"} is given by "in": {"left": …}, or by --in left=FILE when the flow runs by itself.',
  ),
};

/** The key of a flow. */
export function portsEntry<S extends v.GenericSchema>(streams: S) {
  const expected = 'an object such as {"rejected": "filter.stderr"}';
  return optional(
    record({ key: named(OUTPUT_NAME, NAME), value: streams, expected }),
    "Streams of this flow beside its standard output, by name, for those who use it. See docs/flows.md.",
  );
}
