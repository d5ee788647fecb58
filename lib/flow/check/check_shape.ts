/**
 * First part of a check: keys and types. Key by key, so that what is wrong in one place does not hide the rest; what
 * is wrong is reported and left out, and the later parts work on what remains.
 */
import * as v from "valibot";
import type { JsonPath } from "../../core/issue.ts";
import type { CheckContext } from "./check_context.ts";
import { pathLabel } from "../read/json_path.ts";
import { badName, describeValue, jsonPath, unknownKey } from "./shape_text.ts";
import { quote, RESERVED_KEYS } from "../schema/names.ts";
import { type ParamFile, ParamSchema } from "../schema/param_schema.ts";
import type { ActorFile } from "../schema/actor_schema.ts";
import type { FlowFile } from "../schema/schema.ts";
import { type SetFile, SetSchema } from "../schema/set_schema.ts";
import { ActorLimitsSchema, ActorSchema, FileInputSchema, RetrySchema } from "../schema/actor_schema.ts";
import { ActorName, AliasName, FlowSchema, LimitsSchema, ParamName, SetName } from "../schema/schema.ts";
import { Streams } from "../schema/schema_parts.ts";
import { SplitSchema } from "../schema/split_schema.ts";
import { WorkersSchema } from "../schema/workers_schema.ts";
import { MailboxSchema, RestartSchema, SupervisorSchema } from "../schema/message_schema.ts";

/** The good keys of an object. */
export interface Shape<T> {
  readonly keys: Partial<T>;
  /** Keys that are there but wrong. */
  readonly broken: ReadonlySet<string>;
  /** Known keys that unknown ones probably meant. */
  readonly meant: ReadonlySet<string>;
}

/** A flow file without what is wrong in it. */
export interface FlowShape {
  readonly top: Shape<Omit<FlowFile, "params" | "sets" | "aliases" | "actors">>;
  readonly params: ReadonlyMap<string, Shape<ParamFile>>;
  readonly sets: ReadonlyMap<string, Shape<SetFile>>;
  /** Undefined when the alias has no readable list. */
  readonly aliases: ReadonlyMap<string, string | readonly string[] | undefined>;
  readonly actors: ReadonlyMap<string, Shape<ActorFile>>;
}

interface Place {
  readonly path: JsonPath;
  readonly check: CheckContext;
}

type Entries = Readonly<Record<string, v.GenericSchema>>;

/** The objects of known keys inside of others, which the schema reads as a whole. */
const INNER_OBJECTS: Readonly<Record<string, { readonly entries: Entries }>> = {
  retry: RetrySchema,
  workers: WorkersSchema,
  split: SplitSchema,
  supervisor: SupervisorSchema,
  mailbox: MailboxSchema,
  restart: RestartSchema,
};

/** These are read entry by entry. */
const MAPS = ["params", "sets", "aliases", "actors"] as const;
const TOP_ENTRIES = {
  ...FlowSchema.entries,
  params: v.unknown(),
  sets: v.unknown(),
  aliases: v.unknown(),
  actors: v.unknown(),
};

/** Keys that hold names of the flow's own; inside them, reserved ones are looked for. */
const NAMED_KEYS = ["in", "outputs", "env", "out", "with", "ports"];

const EXAMPLE = '{"actors": {"a": {"run": ["date"]}}}';

/** Reads the whole file; undefined when there is nothing in it to work on. */
export function checkShape(input: unknown, check: CheckContext): FlowShape | undefined {
  if (!isObject(input)) {
    reportWrong(input, { expected: `an object such as ${EXAMPLE}`, path: [], check });
    return undefined;
  }
  const read = readKeys(input, { entries: TOP_ENTRIES, what: "a flow", path: [], check });
  const unreadable = MAPS.filter((key) => input[key] !== undefined && !isObject(input[key]));
  if (input.actors === undefined && !read.meant.has("actors")) {
    const message = `Cannot read the flow: it has no "actors" (expected such as ${EXAMPLE})`;
    check.report({ path: [], message });
  }
  const readAll = <T>(
    key: typeof MAPS[number],
    name: v.GenericSchema,
    read: (value: unknown, place: Place) => T,
  ): Map<string, T> =>
    readMap(input[key], { whole: FlowSchema.entries[key], name, read, path: [key], check });
  const shape = {
    top: { ...read, broken: new Set([...read.broken, ...unreadable]) },
    params: readAll(
      "params",
      ParamName,
      (value, place) => readObject(value, { schema: ParamSchema, what: "a parameter", ...place }),
    ),
    sets: readAll(
      "sets",
      SetName,
      (value, place) => readObject(value, { schema: SetSchema, what: "a set", ...place }),
    ),
    aliases: readAll("aliases", AliasName, (value, place) => parse(Streams, value, place)),
    actors: readAll(
      "actors",
      ActorName,
      (value, place) => readObject(value, { schema: ActorSchema, what: "an actor", ...place }),
    ),
  };
  if (isObject(input.actors) && shape.actors.size === 0) {
    check.report({
      path: ["actors"],
      message: "Cannot run the flow: it has no actors (expected at least one)",
    });
  }
  return shape;
}

/** True when a key was there, or probably was, but tells nothing: what depends on it is not reported as well. */
export function isUnreadable<T>({ broken, meant }: Shape<T>, key: string): boolean {
  return broken.has(key) || meant.has(key);
}

/** Reads an object of things by name, in order. A badly named thing is kept, so that who refers to it finds it. */
function readMap<T>(
  input: unknown,
  options: Place & {
    whole: v.GenericSchema;
    name: v.GenericSchema;
    read: (value: unknown, place: Place) => T;
  },
): Map<string, T> {
  const { whole, name, read, path, check } = options;
  const map = new Map<string, T>();
  if (input === undefined) return map;
  if (!isObject(input)) {
    parse(whole, input, options);
    return map;
  }
  reportReserved(input, options);
  for (const [key, value] of Object.entries(input)) {
    if (value === undefined) continue;
    const result = v.safeParse(name, key, { abortPipeEarly: true });
    if (!result.success) check.report(badName([...path, key], result.issues[0].message));
    map.set(key, read(value, { path: [...path, key], check }));
  }
  return map;
}

/** Reads an object with known keys; one that is no object is reported and has none. */
function readObject<
  S extends
    | typeof ParamSchema
    | typeof SetSchema
    | typeof ActorSchema
    | typeof LimitsSchema
    | typeof ActorLimitsSchema,
>(
  input: unknown,
  { schema, what, path, check }: Place & { schema: S; what: string },
): Shape<v.InferOutput<S>> {
  if (isObject(input)) return readKeys(input, { entries: schema.entries, what, path, check });
  // Not left to the schema, which takes a list for an object.
  reportWrong(input, { expected: schema.message, path, check });
  return { keys: {}, broken: new Set(), meant: new Set(Object.keys(schema.entries)) };
}

function readKeys<E extends Entries>(
  input: Readonly<Record<string, unknown>>,
  { entries, what, path, check }: Place & { entries: E; what: string },
): Shape<{ [K in keyof E]: v.InferOutput<E[K]> }> {
  const keys: Record<string, unknown> = {};
  const broken = new Set<string>();
  const meant = new Set<string>();
  for (const [key, value] of Object.entries(input)) {
    if (value === undefined) continue;
    const place = { path: [...path, key], check };
    const schema = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (schema === undefined) {
      const suggestion = check.closest(key, Object.keys(entries));
      if (suggestion !== undefined) meant.add(suggestion);
      check.report({
        ...unknownKey(place.path, { what, meant: suggestion, known: Object.keys(entries) }),
        at: "key",
      });
      continue;
    }
    const issuesBefore = check.issues.length;
    if (NAMED_KEYS.includes(key) && isObject(value)) {
      reportReserved(value, place);
      const names = Object.keys(value);
      if (names.length > 0 && names.every((name) => RESERVED_KEYS.includes(name))) {
        broken.add(key); // To the schema it would be an empty object.
        continue;
      }
    }
    const isObjectOfKeys = key === "limits";
    const parsed = isObjectOfKeys ? readLimits(value, place) : parse(schema, value, place);
    if (check.issues.length > issuesBefore) broken.add(key);
    if (isObjectOfKeys || check.issues.length === issuesBefore) keys[key] = parsed;
  }
  // Each key was parsed by its own entry just above; of limits only the good ones are left.
  return { keys: keys as Partial<{ [K in keyof E]: v.InferOutput<E[K]> }>, broken, meant };
}

/** Key by key too; an actor has other limits than the flow. */
function readLimits(value: unknown, { path, check }: Place): object {
  const schema = path[0] === "actors" ? ActorLimitsSchema : LimitsSchema;
  return readObject(value, { schema, what: '"limits"', path, check }).keys;
}

/** The value when the schema takes it; otherwise its mistakes are reported. */
function parse<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  { path, check }: Place,
): v.InferOutput<S> | undefined {
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  if (result.success) return result.output;
  for (const issue of result.issues) reportShape(issue, { path, check, value });
  return undefined;
}

function reportShape(issue: v.BaseIssue<unknown>, { path, check, value }: Place & { value: unknown }): void {
  const last = issue.path?.at(-1);
  const place = {
    path: [...path, ...jsonPath(issue)],
    check,
    value: last === undefined ? value : last.value,
  };
  if (last?.origin === "key" && issue.type === "strict_object") {
    const object = place.path.slice(0, -1);
    const name = String(object.at(-1));
    if (issue.expected !== "never") {
      const message = `Cannot read "${name}": it has no key ${issue.expected} (expected ${issue.message})`;
      return check.report({ path: object, message });
    }
    const inner = place.path[2] === "in" ? FileInputSchema : INNER_OBJECTS[name];
    const known = Object.keys(inner?.entries ?? {});
    const meant = check.closest(String(last.key), known);
    return check.report({ ...unknownKey(place.path, { what: `"${name}"`, meant, known }), at: "key" });
  }
  if (last?.origin === "key") {
    check.report(badName(place.path, issue.message));
    return;
  }
  reportWrong(place.value, { expected: issue.message, path: place.path, check });
}

function reportWrong(value: unknown, { expected, path, check }: Place & { expected: string }): void {
  check.report({
    path,
    message: `Cannot read ${path.length === 0 ? "the flow" : `"${pathLabel(path)}"`}: it is ${
      describeValue(value)
    } (expected ${expected})`,
  });
}

function reportReserved(input: object, { path, check }: Place): void {
  for (const key of RESERVED_KEYS) {
    if (!Object.hasOwn(input, key)) continue;
    check.report({
      path: [...path, key],
      message: `Cannot use the name ${quote(key)}: it is reserved (expected another name)`,
      at: "key",
    });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
