/**
 * The flow file, described once: its types, its validation and its JSON Schema all come from here. The text given to
 * a schema as its message says what is expected; `check_shape.ts` makes the whole message of it.
 */
import * as v from "valibot";
import { PROCESSES_MAX } from "../../core/limits/flow.ts";
import { ActorSchema } from "./actor_schema.ts";
import { ACTOR_NAME, ALIAS_NAME, NAME_RULE, PARAM_NAME } from "./names.ts";
import { ParamSchema } from "./param_schema.ts";
import {
  choice,
  duration,
  named,
  optional,
  record,
  safeText,
  size,
  Stream,
  Streams,
  Text,
  union,
  Variables,
  whole,
} from "./schema_parts.ts";
import { EndpointSchema } from "./remote_schema.ts";
import { SetSchema } from "./set_schema.ts";
import { portsEntry } from "./use_schema.ts";

/** Of actors. */
export const ActorName = named(ACTOR_NAME, `a name of ${NAME_RULE}`);

/** Of aliases. */
export const AliasName = named(ALIAS_NAME, `a name of ${NAME_RULE}; a dot may stand before it`);

/** Of parameters. */
export const ParamName = named(PARAM_NAME, "a name of letters, digits and _, the first one no digit");

/** Of sets. */
export const SetName = named(PARAM_NAME, "a name of letters, digits and _, the first one no digit");

const OUT = 'a stream, a list of streams, or an object of files such as {"-": "a", "report.txt": "b"}';

/** What a run may use. */
export const LimitsSchema = v.strictObject({
  processes: optional(
    whole(`a number of processes from 1 to ${PROCESSES_MAX}`, { min: 1, max: PROCESSES_MAX }),
    "How many processes run at the same time; the others start in dependency order as places come free, and what waits for them is held.",
  ),
  memory: optional(
    size(),
    'How much grown buffers hold in memory, such as "64MiB" (the default); what is more goes to the spill file.',
  ),
  spill: optional(
    size(),
    'How large the spill file may become, such as "8GiB"; by default half of the space that is free in the temporary folder.',
  ),
}, 'an object such as {"processes": 4, "memory": "64MiB", "spill": "8GiB"}');

/** A whole flow file. */
export const FlowSchema = v.strictObject({
  $schema: optional(v.string("a string"), "Where the JSON Schema of flow files is, for editors."),
  name: optional(
    v.pipe(Text, v.nonEmpty("a name, not empty")),
    "The flow's name; the file's name by default.",
  ),
  params: optional(
    record({
      key: ParamName,
      value: ParamSchema,
      expected: 'an object such as {"suffix": {"default": "!"}}',
    }),
    "Parameters: set with --set NAME=VALUE, used as {param.NAME}, and $SLUICE_PARAM_NAME in every process.",
  ),
  sets: optional(
    record({ key: SetName, value: SetSchema, expected: 'an object such as {"log": {"files": "logs/*.gz"}}' }),
    "What there are many of, by name: files, values, a range of numbers, the rows of a table. See docs/sets.md.",
  ),
  actors: v.pipe(
    record({ key: ActorName, value: ActorSchema, expected: "an object of actors" }),
    v.description(
      "The actors by name: processes (run, sh) and sources of bytes (value, file, stdin, handler).",
    ),
  ),
  aliases: optional(
    record({ key: AliasName, value: Streams, expected: 'an object such as {".end": ["a", "b"]}' }),
    "Names for lists of streams; an alias may name other aliases. .end is the output of the flow unless out says otherwise.",
  ),
  out: optional(
    union([
      Stream,
      v.array(Stream, OUT),
      v.pipe(
        record({ key: safeText("a path, or - for standard output"), value: Streams, expected: OUT }),
        v.minEntries(1, OUT),
      ),
    ], OUT),
    "What goes to standard output, or an object of files, where - is standard output. Without it: alias .end, else every stream nobody reads. {param.NAME} is replaced in paths.",
  ),
  ports: portsEntry(Streams),
  endpoint: optional(
    EndpointSchema,
    "Where other programs send messages to the actors of the flow, as JSON over ZeroMQ, such as tcp://127.0.0.1:5001. {param.NAME} is replaced. See docs/remote.md.",
  ),
  start: optional(
    choice("eager", "lazy"),
    "When actors start: all at once (eager, the default), or when each of its inputs has written something or ended (lazy).",
  ),
  onFailure: optional(
    choice("stop", "continue"),
    "What happens when an actor fails: the flow is stopped (stop, the default), or the other actors go on (continue).",
  ),
  env: optional(
    Variables,
    "Environment variables of every process, added to the inherited ones. {param.NAME} is replaced.",
  ),
  limits: optional(
    LimitsSchema,
    "What a run may use. See docs/deadlock.md.",
  ),
  timeout: optional(
    duration(),
    'The longest the whole run may take, such as "10m"; then it ends with exit code 4.',
  ),
  grace: optional(
    duration(),
    'Time between SIGTERM and SIGKILL when a process is stopped, such as "500ms", "5s" (the default), "2m" or "1h".',
  ),
}, 'an object such as {"actors": {"a": {"run": ["date"]}}}');

/** A flow file as it is after validation. */
export type FlowFile = v.InferOutput<typeof FlowSchema>;
