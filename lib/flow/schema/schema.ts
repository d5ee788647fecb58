/**
 * The flow file, described once: its types, its validation and its JSON Schema all come from here. The text given to
 * a schema as its message says what is expected; `check_shape.ts` makes the whole message of it.
 */
import * as v from "valibot";
import { ACTOR_NAME, ALIAS_NAME, INPUT_NAME, OUTPUT_NAME, PARAM_NAME } from "./names.ts";
import { FILES_MAX, PROCESSES_MAX, TRIES_MAX, WORKERS_MAX } from "../../core/limits/flow.ts";
import { HANDLER_ENTRIES } from "./handler_schema.ts";
import { MESSAGE_ENTRIES } from "./message_schema.ts";
import { ParamSchema } from "./param_schema.ts";
import { SIZE } from "./size.ts";
import { duration, named, optional, record, safeText, union, whole } from "./schema_parts.ts";
import { SetSchema } from "./set_schema.ts";
import { portsEntry, USE_ENTRIES } from "./use_schema.ts";

/** The keys that say what an actor is; each has exactly one of them. */
export const SOURCE_KEYS = ["run", "sh", "value", "file", "stdin", "handler", "use", "input"] as const;

const NAME_RULE = "letters, digits, _ and -, the first one no digit and no -";

/** Of actors. */
export const ActorName = named(ACTOR_NAME, `a name of ${NAME_RULE}`);

/** Of aliases. */
export const AliasName = named(ALIAS_NAME, `a name of ${NAME_RULE}; a dot may stand before it`);

/** Of parameters. */
export const ParamName = named(PARAM_NAME, "a name of letters, digits and _, the first one no digit");

/** Of sets. */
export const SetName = named(PARAM_NAME, "a name of letters, digits and _, the first one no digit");

const InputName = named(INPUT_NAME, `a name of ${NAME_RULE}; not stdout or stderr`);
const OutputName = named(OUTPUT_NAME, `a name of ${NAME_RULE}; not stdin, stdout or stderr`);
const VariableName = named(/^[^=\0]+$/, "the name of a variable: not empty, with no = and no NUL character");

const Text = safeText("a string");
const Path = v.pipe(safeText("a path"), v.nonEmpty("a path, not empty"));
const Stream = safeText("the name of a stream");
const STREAMS = "a stream or a list of streams";

/** One stream or several, by name. */
export const Streams = union([Stream, v.array(Stream, STREAMS)], STREAMS);

const Variables = record({
  key: VariableName,
  value: safeText("a string"),
  expected: "an object of variables and their strings",
});

const IN = 'a stream, a list of streams, or an object of ports such as {"stdin": "a", "left": "b"}';
const INPUT = 'a stream, a list of streams, or {"from": "a", "as": "file"}';
const OUT = 'a stream, a list of streams, or an object of files such as {"-": "a", "report.txt": "b"}';
const READS = 'a list of files such as ["logs/*.gz"]';
const EACH = 'a set or a list of sets such as ["log", "level"]';
const OK = "a list of exit codes from 0 to 255";
const RUN = 'a list of strings, the program first, such as ["sort", "-n"]';
const PORTS = 'an object of ports and their file descriptors such as {"audit": 3}';
const SIZES = 'an amount of bytes with its unit, such as "512KiB", "64MiB", "8GiB" or "0B"';
const TRIES = `a number of further tries from 1 to ${TRIES_MAX}`;
const RETRY = 'a number of further tries such as 3, or an object such as {"max": 3, "backoff": "1s"}';

const WORKERS =
  'a number of workers from 1 to 1024, or an object such as {"count": 4, "by": "key", "key": "/user"}';
const WORKER_COUNT = "a number of workers from 1 to 1024";
const KEY =
  'a JSON pointer such as "/user", the number of a column, {"column": 2, "separator": ","} or {"pattern": "^(\\w+)"}';
const COLUMN = "the number of a column, from 1 to 1000000";
const HEADER = "a number of lines from 0 to 1000";

/** Where the key of a line is. */
const KeySchema = union([
  v.pipe(v.string(KEY), v.regex(/^(?:\/[\s\S]*)?$/, KEY)),
  whole(COLUMN, { min: 1, max: 1_000_000 }),
  v.union([
    v.strictObject({
      column: whole(COLUMN, { min: 1, max: 1_000_000 }),
      separator: v.optional(v.pipe(v.string("a string"), v.nonEmpty("a string, not empty"))),
    }),
    v.strictObject({ pattern: v.string("a regular expression") }),
  ], KEY),
], KEY);

/** Several processes of one actor. */
export const WorkersSchema = v.strictObject({
  count: v.pipe(
    whole(WORKER_COUNT, { min: 1, max: WORKERS_MAX }),
    v.description("How many run at the same time."),
  ),
  by: optional(
    v.picklist(["round-robin", "key"], '"round-robin" or "key"'),
    "Blocks of lines one after the other (round-robin, the default), or each line to the process of its key.",
  ),
  key: optional(KeySchema, `Where the key of a line is: ${KEY}.`),
  order: optional(
    v.picklist(["input", "any"], '"input" or "any"'),
    "What comes out: in the order of the input (input, the default), or whole lines as they come (any).",
  ),
  block: optional(
    size(),
    'The size of blocks, such as "1MiB"; a block ends with a line. Without it the size adapts to the speed.',
  ),
  header: optional(
    whole(HEADER, { min: 0, max: 1000 }),
    "How many lines at the beginning are given to each process.",
  ),
}, WORKERS);

/** A port that is given as a complete file. */
export const FileInputSchema = v.strictObject({
  from: v.pipe(Streams, v.description("A stream or a list of streams.")),
  as: v.pipe(v.literal("file", '"file"'), v.description("The actor starts when the file is complete.")),
}, INPUT);

const Input = union([Stream, v.array(Stream, INPUT), FileInputSchema], INPUT);

/** Further tries of an actor that has failed. */
export const RetrySchema = v.strictObject({
  max: v.pipe(tries(), v.description("How many further tries there may be.")),
  backoff: optional(
    duration(),
    'The wait before the second try, "100ms" by default; it doubles with each, and varies by half of itself.',
  ),
  within: optional(
    duration(),
    "No further try begins later than this after the first one began.",
  ),
}, RETRY);
/** What the processes of an actor may use. */
export const ActorLimitsSchema = v.strictObject({
  memory: optional(
    size(),
    'How much memory its processes may hold together, such as "512MiB"; on Linux only. Then the actor is killed.',
  ),
  cpu: optional(
    duration(),
    'How much processor time each of its processes may use, such as "30s", rounded up to whole seconds. Then the process is ended.',
  ),
  files: optional(
    whole(`a number of open files from 4 to ${FILES_MAX}`, { min: 4, max: FILES_MAX }),
    "How many files each of its processes may have open; then the system lets it open no more.",
  ),
  message: optional(
    size(),
    'How long a line of a message actor may be, "1MiB" by default; a longer one is a failure.',
  ),
}, 'an object such as {"memory": "512MiB", "cpu": "30s", "files": 64}');

/** One actor; that it is exactly one of run, sh, value, file and stdin is checked in `check_source.ts`. */
export const ActorSchema = v.strictObject({
  run: optional(
    v.pipe(v.array(Text, RUN), v.nonEmpty(RUN)),
    "A process: the program and its arguments, no shell. {in.PORT}, {out.PORT} and {param.NAME} are replaced.",
  ),
  sh: optional(
    Text,
    "A process: a script for sh -c. Parameters and ports are in the environment, as $SLUICE_PARAM_NAME.",
  ),
  value: optional(
    v.unknown(),
    "A literal: a string is its bytes, any other JSON value is its JSON text and a newline. {param.NAME} is replaced.",
  ),
  file: optional(
    Path,
    "The bytes of a file; a relative path starts at the flow file's folder. {param.NAME} is replaced.",
  ),
  stdin: optional(v.literal(true, "true"), "The engine's own standard input; at most one actor of a flow."),
  in: optional(
    union([
      Stream,
      v.array(Stream, IN),
      record({ key: InputName, value: Input, expected: IN }),
    ], IN),
    'What the process reads: a stream or a list of streams for its stdin, or an object of ports. Without it, stdin is empty. A port {"from": "a", "as": "file"} is a complete regular file.',
  ),
  merge: optional(
    v.picklist(["concat", "lines"], '"concat" or "lines"'),
    "How several streams meet on one input: one after the other as written (concat, the default), or whole lines as they come (lines).",
  ),
  outputs: optional(
    v.pipe(
      record({ key: OutputName, value: fileDescriptor(), expected: PORTS }),
      v.minEntries(1, PORTS),
    ),
    'Extra output ports: {"audit": 3} gives the process file descriptor 3 to write as stream NAME.audit.',
  ),
  env: optional(
    Variables,
    "Environment variables added to the inherited ones and those of the flow. {param.NAME} is replaced.",
  ),
  cwd: optional(
    Path,
    "Working directory; a relative path starts at the flow file's folder, which is the default. {param.NAME} is replaced.",
  ),
  ok: optional(
    v.pipe(v.array(exitCode(), OK), v.nonEmpty(OK)),
    "Exit codes that count as success; [0] by default.",
  ),
  timeout: optional(
    duration(),
    'The longest it may run, such as "30s"; then the run ends with exit code 4.',
  ),
  stall: optional(
    duration(),
    'The longest it may move no byte while it could, such as "10s"; then the run ends with exit code 4. The time it waits for others does not count.',
  ),
  retry: optional(
    union([tries(), RetrySchema], RETRY),
    'How often it is run again when it fails: a number, or an object such as {"max": 3, "backoff": "1s", "within": "5m"}. Its output is withheld until it has ended well, and its input is kept.',
  ),
  limits: optional(
    ActorLimitsSchema,
    "What the process and all that it starts may use. See docs/flow_file.md.",
  ),
  workers: optional(
    union([whole(WORKER_COUNT, { min: 1, max: WORKERS_MAX }), WorkersSchema], WORKERS),
    "How many processes share the lines of its stdin: a number, or an object. See docs/workers.md.",
  ),
  cache: optional(
    v.boolean("true or false"),
    "Take what it wrote in an earlier run when command, environment, input and the files that it reads are the same. See docs/cache.md.",
  ),
  reads: optional(
    v.array(Path, READS),
    'The files that the process reads by itself, for the cache: paths and patterns such as "logs/*.gz", which start at the flow file\'s folder; a folder stands for everything in it. {param.NAME} is replaced. Without it the process is watched. See docs/cache.md.',
  ),
  keep: optional(
    v.boolean("true or false"),
    "Keep what it writes while the flow runs, so that what is spawned later can read it from the beginning. See docs/growth.md.",
  ),
  ...HANDLER_ENTRIES,
  ...MESSAGE_ENTRIES,
  ...USE_ENTRIES,
  each: optional(
    union(
      [v.pipe(v.string(EACH), v.nonEmpty(EACH)), v.pipe(v.array(v.string(EACH), EACH), v.nonEmpty(EACH))],
      EACH,
    ),
    "The set, or the list of sets, that the actor is over: it is one instance for each member, and {SET.FIELD} is replaced in run, value, file, cwd, env and reads. See docs/sets.md.",
  ),
  explain: optional(v.string("a string"), "One line for people: what this actor does."),
}, 'an object such as {"run": ["cat"], "in": "a"}');

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
  start: optional(
    v.picklist(["eager", "lazy"], '"eager" or "lazy"'),
    "When actors start: all at once (eager, the default), or when each of its inputs has written something or ended (lazy).",
  ),
  onFailure: optional(
    v.picklist(["stop", "continue"], '"stop" or "continue"'),
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

/** An actor of a flow file. */
export type ActorFile = v.InferOutput<typeof ActorSchema>;

function tries() {
  return whole(TRIES, { min: 1, max: TRIES_MAX });
}

function size() {
  return v.pipe(v.string(SIZES), v.regex(SIZE, SIZES));
}

function fileDescriptor() {
  return whole("a file descriptor from 3 to 63", { min: 3, max: 63 });
}

function exitCode() {
  return whole("an exit code from 0 to 255", { min: 0, max: 255 });
}
