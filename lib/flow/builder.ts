/**
 * Flows written in TypeScript instead of a file.
 */
import process from "node:process";
import type { InferInput } from "valibot";
import type { Flow } from "../core/flow.ts";
import type { FlowIssue, JsonPath } from "../core/issue.ts";
import { FlowError } from "../core/issue.ts";
import { workingFolder } from "../host/files/working_folder.ts";
import { ALL_ROOMS } from "./check/all_rooms.ts";
import { NOTHING } from "./check/check_context.ts";
import { checkFlow } from "./check/check_flow.ts";
import { hasUses } from "./read/list_needs.ts";
import { formatIssues } from "./read/issue_text.ts";
import type { FlowSchema } from "./schema/schema.ts";
import type * as Uses from "./use/use_reader.ts";

const HALF = 'it has half of a character (expected both, such as "\\ud83d\\ude00")';

/** What a flow file holds, as a value; lists may be readonly. */
export type FlowDefinition = Frozen<InferInput<typeof FlowSchema>>;

export interface FlowOptions {
  /** Values of parameters by name. @default {} */
  readonly params?: Readonly<Record<string, string>>;
  /** What its inputs are by name: absolute paths, or `-` for standard input. @default none is given */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Environment variables for parameters that are taken from them, where the process has none. @default {} */
  readonly variables?: Readonly<Record<string, string>>;
  /** Where relative paths of the flow start. @default the current folder */
  readonly folder?: string;
}

/**
 * Checks a definition.
 *
 * @throws {FlowError} with all of its issues, when there are any
 * @example
 * const hello = flow({ actors: { text: { value: "hello\n" }, upper: { run: ["tr", "a-z", "A-Z"], in: "text" } } });
 */
export function flow(definition: FlowDefinition, options: FlowOptions = {}): Flow {
  const checked = checkFlow(definition, {
    folder: options.folder ?? workingFolder(),
    rooms: ALL_ROOMS,
    ...(options.params === undefined ? {} : { params: options.params }),
    outside: { ...NOTHING, inputs: options.inputs ?? {}, variables: options.variables ?? {} },
    ...(hasUses(definition) ? { uses: loadUses().makeUseReader(undefined) } : {}),
  });
  const issues = [
    ...findHalves(definition),
    ...findHalves(options.params ?? {}),
    ...checked.ok ? [] : checked.issues,
  ];
  if (checked.ok && issues.length === 0) return checked.flow;
  throw new FlowError(formatIssues(issues, { color: false }), issues);
}

/** Texts with half of a character, such as `"\ud800"`: nothing can write it, and what tries writes another one. */
function findHalves(definition: unknown): readonly FlowIssue[] {
  const message = `Cannot read a text: ${HALF}`;
  const issues: FlowIssue[] = [];
  const seen = new Set<object>();
  const rest: { readonly value: unknown; readonly path: JsonPath }[] = [{ value: definition, path: [] }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value, path } = next;
    if (typeof value === "string" && !value.isWellFormed()) issues.push({ path, message });
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) continue;
    seen.add(value);
    for (const [key, inner] of Object.entries(value)) {
      const below = [...path, Array.isArray(value) ? Number(key) : key];
      if (!key.isWellFormed()) issues.push({ path: below, message, at: "key" });
      rest.push({ value: inner, path: below });
    }
  }
  return issues;
}

/** Most flows use no other, so that is loaded here, and at once, because nobody waits for `flow()`. */
function loadUses(): typeof Uses {
  const { createRequire } = process.getBuiltinModule("node:module");
  // In the npm package all files lie in one folder.
  const file = import.meta.url.endsWith(".js") ? "./use_reader.js" : "./use/use_reader.ts";
  return createRequire(import.meta.url)(file);
}

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
