/**
 * Part of the check of a message actor: the types of messages that it accepts and emits, and what they hold.
 */
import type { MessageSchema, Messaging } from "../../core/messaging.ts";
import { quote } from "../schema/names.ts";
import type { ActorSite } from "./actor_site.ts";

type Key = "accepts" | "emits";

interface Types {
  readonly names?: readonly string[];
  readonly fields: Readonly<Record<string, MessageSchema>>;
}

export function checkTypes(site: ActorSite): Pick<Messaging, "accepts" | "emits" | "fields"> {
  const accepts = readTypes("accepts", site);
  const emits = readTypes("emits", site);
  const hasFields = [accepts, emits].some(({ fields }) => Object.keys(fields).length > 0);
  return {
    ...accepts.names === undefined ? {} : { accepts: accepts.names },
    ...emits.names === undefined ? {} : { emits: emits.names },
    ...hasFields ? { fields: { accepts: accepts.fields, emits: emits.fields } } : {},
  };
}

function readTypes(key: Key, { name, shape: { keys }, check }: ActorSite): Types {
  const types = keys[key];
  if (types === undefined) return { fields: {} };
  if (Array.isArray(types)) return { names: types, fields: {} };
  const fields = Object.entries(types).flatMap(([type, given]): [string, MessageSchema][] => {
    const read = readFields(given);
    if (read.ok) return [[type, read.schema]];
    const message = `Cannot read the fields of message type ${
      quote(type)
    }: ${read.reason} (expected fields such as {"amount": "number"} with the types ${FIELD_TYPES}, or a JSON Schema)`;
    check.report({ path: ["actors", name, key, type, ...read.path], message });
    return [];
  });
  return { names: Object.keys(types), fields: Object.fromEntries(fields) };
}

export type ReadFields =
  | { readonly ok: true; readonly schema: MessageSchema }
  /** `path` is within the fields. */
  | { readonly ok: false; readonly path: readonly (string | number)[]; readonly reason: string };

const TYPES = ["string", "number", "integer", "boolean", "object", "array", "null", "any"];
const FIELD_TYPES = TYPES.map((type) => `"${type}"`).join(", ");

/** By these an object is a JSON Schema, and no list of fields. */
const SCHEMA_KEYS = ["$schema", "$ref", "properties", "allOf", "anyOf", "oneOf", "not", "const", "enum"];

/**
 * `{"amount": "number", "note": "string?", "at": {"x": "number"}, "tags": ["string"]}` as a JSON Schema, which allows
 * further fields; a JSON Schema as it is. A field whose type ends in `?` need not be there.
 */
export function readFields(fields: unknown): ReadFields {
  if (typeof fields === "string") return readType(fields);
  if (Array.isArray(fields)) return readList(fields);
  if (typeof fields !== "object" || fields === null) {
    return { ok: false, path: [], reason: `it is ${JSON.stringify(fields)}` };
  }
  const object = fields as MessageSchema; // An object, and no array: its keys are texts.
  return isSchema(object) ? { ok: true, schema: object } : readObject(object);
}

function isSchema(object: MessageSchema): boolean {
  return SCHEMA_KEYS.some((key) => key in object) || object["type"] === "object";
}

function readObject(object: MessageSchema): ReadFields {
  const properties: Record<string, MessageSchema> = {};
  const required: string[] = [];
  for (const [name, field] of Object.entries(object)) {
    const isOptional = typeof field === "string" && field.endsWith("?");
    const read = readFields(isOptional ? field.slice(0, -1) : field);
    if (!read.ok) return { ...read, path: [name, ...read.path] };
    // Also a field that is called `__proto__` is one.
    Object.defineProperty(properties, name, { value: read.schema, enumerable: true });
    if (!isOptional) required.push(name);
  }
  return { ok: true, schema: { type: "object", properties, ...required.length === 0 ? {} : { required } } };
}

function readList(list: readonly unknown[]): ReadFields {
  if (list.length !== 1) {
    return { ok: false, path: [], reason: "it has not exactly one type for what is in it" };
  }
  const read = readFields(list[0]);
  return read.ok
    ? { ok: true, schema: { type: "array", items: read.schema } }
    : { ...read, path: [0, ...read.path] };
}

function readType(type: string): ReadFields {
  if (!TYPES.includes(type)) return { ok: false, path: [], reason: `there is no type ${quote(type)}` };
  return { ok: true, schema: type === "any" ? {} : { type } };
}
