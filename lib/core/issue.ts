/**
 * Mistakes in a flow, as data. All of a flow's issues are collected before anything is told or started.
 */

/** Where in the flow's JSON an issue is: `["actors", "foo", "in", 0]`. Empty for the whole. */
export type JsonPath = readonly (string | number)[];

/** One mistake: where it is, and a text `Cannot <do what> "<name>": <what is> (<remedy>)`. */
export interface FlowIssue {
  readonly path: JsonPath;
  readonly message: string;
  /**
   * `key` points at the property's name (an unknown key), `value` at what it holds; `outside`: the flow is not to
   * blame, but where it is to run. @default "value"
   */
  readonly at?: "key" | "value" | "outside";
  /** The flow that it is in, where that is used by another one: the path is in its JSON. */
  readonly used?: UsedText;
}

/** A flow file that another flow uses. */
export interface UsedText {
  /** As the flow that uses it names it. */
  readonly file: string;
  readonly text: string;
  readonly value: unknown;
  /** Where it is used: the path of the actor there, and that flow when it is used itself. */
  readonly by: { readonly path: JsonPath; readonly used?: UsedText };
}

/** An issue with its place in the text it was read from; `line` and `column` count from 1. */
export interface PlacedIssue extends FlowIssue {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Length of the underlined part of the line, in characters. */
  readonly length?: number;
  /** The source line, without its line break. */
  readonly excerpt?: string;
  /** Where the flow is used that it is in, from the inside out. */
  readonly usedAt?: readonly UsePlace[];
}

/** Where a flow uses another one. */
export interface UsePlace {
  readonly path: JsonPath;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Thrown by the builder functions of the public surface when a flow has issues; `message` lists them all. */
export class FlowError extends Error {
  override readonly name = "FlowError";
  readonly issues: readonly PlacedIssue[];
  constructor(message: string, issues: readonly PlacedIssue[]) {
    super(message);
    this.issues = issues;
  }
}
