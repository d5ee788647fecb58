/**
 * JSON Schemas (draft 2020-12) as functions, and what is wrong with a value in words. Loaded only where values are held
 * against schemas.
 */
import type { MessageSchema } from "../core/messaging.ts";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";

/** What is wrong with a value, such as `"amount" is a string (expected number)`; undefined when it is good. */
export type Judge = (value: unknown) => string | undefined;

/** Whether it is a schema at all is asked before, once, because that takes longer than all the rest. */
const OPTIONS = { strict: false, validateFormats: false, logger: false, validateSchema: false } as const;

/** Making one takes as long as compiling a hundred schemas. */
const shared = new Ajv2020(OPTIONS);

/** Why something is no JSON Schema that can be compiled; undefined when it is one. */
export function schemaProblem(schema: MessageSchema): string | undefined {
  try {
    if (shared.validateSchema(schema) !== true) {
      const [error] = shared.errors ?? [];
      return error === undefined ? "it is no JSON Schema" : describe(error, schema);
    }
    compileSchema(schema);
    return undefined;
  } catch (error) {
    // What a schema refers to, and its patterns, are only known when it is compiled.
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Compiles a schema; keywords that it does not know, and `format`, say nothing of a value, as the draft has it. Nothing is
 * loaded from elsewhere.
 *
 * @throws an Error when `schemaProblem` finds something
 */
export function compileSchema(schema: MessageSchema): Judge {
  // Those who name themselves do so only for themselves: two schemas may say the same name.
  const isNamed = JSON.stringify(schema).includes('"$id"');
  const validate = (isNamed ? new Ajv2020(OPTIONS) : shared).compile(schema);
  return (value) => {
    if (validate(value)) return undefined;
    const [error] = validate.errors ?? [];
    return error === undefined ? "it does not fit" : describe(error, value);
  };
}

function describe({ keyword, instancePath, params, message }: ErrorObject, value: unknown): string {
  const path = instancePath.split("/").slice(1).map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const named: unknown = keyword === "required"
    ? params["missingProperty"]
    : keyword === "additionalProperties"
    ? params["additionalProperty"]
    : keyword === "unevaluatedProperties"
    ? params["unevaluatedProperty"]
    : undefined;
  const field = nameField(typeof named === "string" ? [...path, named] : path);
  if (keyword === "required") return `${field} is missing`;
  if (named !== undefined) return `${field} is not one of the fields`;
  if (keyword !== "type") return `${field} ${message ?? "does not fit"}`;
  return `${field} is ${kindOf(findIn(value, path))} (expected ${[params["type"]].flat().join(" or ")})`;
}

/** Whoever sends a message may call a field anything. */
const FIELD_SHOWN = 100;

/** As it would be written in most languages; what is wrong as a whole is the message itself. */
function nameField(path: readonly string[]): string {
  if (path.length === 0) return "the message";
  const name = path.join(".").replaceAll(/\.(\d+)(?=\.|$)/g, "[$1]");
  return `field "${name.length > FIELD_SHOWN ? `${name.slice(0, FIELD_SHOWN)}…` : name}"`;
}

function findIn(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    // The error lies there: every part of the way is an object or a list.
    found = (found as Readonly<Record<string, unknown>>)[key];
  }
  return found;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "object":
      return "an object";
    case "number":
      return Number.isInteger(value) ? "a whole number" : "a number";
    default:
      return `a ${typeof value}`;
  }
}
