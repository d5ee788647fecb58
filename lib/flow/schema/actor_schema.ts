/**
 * The keys of an actor. `check_actor.ts` says what may stand together.
 */
import * as v from "valibot";
import { FILES_MAX, TRIES_MAX } from "../../core/limits/flow.ts";
import { HANDLER_ENTRIES } from "./handler_schema.ts";
import { MESSAGE_ENTRIES } from "./message_schema.ts";
import { INPUT_NAME, NAME_RULE, OUTPUT_NAME } from "./names.ts";
import {
  choice,
  duration,
  filledList,
  filledText,
  flag,
  named,
  optional,
  Path,
  record,
  size,
  Stream,
  Streams,
  Text,
  union,
  Variables,
  whole,
} from "./schema_parts.ts";
import { REMOTE_ENTRIES } from "./remote_schema.ts";
import { SplitSchema } from "./split_schema.ts";
import { USE_ENTRIES } from "./use_schema.ts";
import { Workers } from "./workers_schema.ts";

/** The keys that say what an actor is; each has exactly one of them. */
export const SOURCE_KEYS = [
  "run",
  "sh",
  "value",
  "file",
  "stdin",
  "handler",
  "use",
  "input",
  "split",
  "remote",
] as const;

const InputName = named(INPUT_NAME, `a name of ${NAME_RULE}; not stdout or stderr`);
const OutputName = named(OUTPUT_NAME, `a name of ${NAME_RULE}; not stdin, stdout or stderr`);
const IN = 'a stream, a list of streams, or an object of ports such as {"stdin": "a", "left": "b"}';
const INPUT = 'a stream, a list of streams, or {"from": "a", "as": "file"}';
const READS = 'a list of files such as ["logs/*.gz"]';
const EACH = 'a set or a list of sets such as ["log", "level"]';
const OK = "a list of exit codes from 0 to 255";
const RUN = 'a list of strings, the program first, such as ["sort", "-n"]';
const PORTS = 'an object of ports and their file descriptors such as {"audit": 3}';
const TRIES = `a number of further tries from 1 to ${TRIES_MAX}`;
const RETRY = 'a number of further tries such as 3, or an object such as {"max": 3, "backoff": "1s"}';

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
    filledList(Text, RUN),
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
    choice("concat", "lines"),
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
    filledList(exitCode(), OK),
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
    'How often it is run again when it fails: a number, or an object such as {"max": 3, "backoff": "1s", "within": "5m"}. Its output is withheld until it has ended well, and its input is kept. Beside "use": all actors of that flow together.',
  ),
  limits: optional(
    ActorLimitsSchema,
    "What the process and all that it starts may use. See docs/flow_file.md.",
  ),
  workers: optional(
    Workers,
    "How many processes share the lines of its stdin: a number, or an object. See docs/workers.md.",
  ),
  cache: optional(
    flag(),
    "Take what it wrote in an earlier run when command, environment, input and the files that it reads are the same. See docs/cache.md.",
  ),
  reads: optional(
    v.array(Path, READS),
    'The files that the process reads by itself, for the cache: paths and patterns such as "logs/*.gz", which start at the flow file\'s folder; a folder stands for everything in it. {param.NAME} is replaced. Without it the process is watched. See docs/cache.md.',
  ),
  keep: optional(
    flag(),
    "Keep what it writes while the flow runs, so that what is spawned later can read it from the beginning. See docs/growth.md.",
  ),
  ...HANDLER_ENTRIES,
  ...MESSAGE_ENTRIES,
  ...REMOTE_ENTRIES,
  ...USE_ENTRIES,
  split: optional(
    SplitSchema,
    'No process: each record of what it reads goes to the stream of its key, such as {"key": {"column": "country"}, "format": "csv"}; {key} in a file name of "out" is a file for each. See docs/split.md.',
  ),
  each: optional(
    union(
      [filledText(EACH), filledList(v.string(EACH), EACH)],
      EACH,
    ),
    "The set, or the list of sets, that the actor is over: it is one instance for each member, and {SET.FIELD} is replaced in run, value, file, cwd, env and reads. See docs/sets.md.",
  ),
  explain: optional(v.string("a string"), "One line for people: what this actor does."),
}, 'an object such as {"run": ["cat"], "in": "a"}');

/** An actor of a flow file. */
export type ActorFile = v.InferOutput<typeof ActorSchema>;

function tries() {
  return whole(TRIES, { min: 1, max: TRIES_MAX });
}

function fileDescriptor() {
  return whole("a file descriptor from 3 to 63", { min: 3, max: 63 });
}

function exitCode() {
  return whole("an exit code from 0 to 255", { min: 0, max: 255 });
}
