/**
 * Flows written in TypeScript instead of a file.
 */
import type { InferInput } from "valibot";
import type { Flow } from "../core/flow.ts";
import { FlowError } from "../core/issue.ts";
import { workingFolder } from "../host/files/working_folder.ts";
import { checkFlow } from "./check/check_flow.ts";
import { formatIssues } from "./read/issue_text.ts";
import type { FlowSchema } from "./schema/schema.ts";

/** What a flow file holds, as a value; lists may be readonly. */
export type FlowDefinition = Frozen<InferInput<typeof FlowSchema>>;

export interface FlowOptions {
  /** Values of parameters by name. @default {} */
  readonly params?: Readonly<Record<string, string>>;
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
    ...(options.params === undefined ? {} : { params: options.params }),
  });
  if (checked.ok) return checked.flow;
  throw new FlowError(formatIssues(checked.issues, { color: false }), checked.issues);
}

type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
