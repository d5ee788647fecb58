/**
 * What is known where a part of a script stands: variables, the loop around it, what standard input is.
 */
import type { ProcessSubstitutionPart } from "unbash";
import type { FlowParam, FlowSet, Note, Said, Stream } from "./piece.ts";

/** What one script has found; grows while it is read. What is not used in the end is not written. */
export interface Findings {
  readonly params: Map<string, FlowParam>;
  readonly sets: Map<string, FlowSet>;
  /** What `export` gives to everybody. */
  readonly env: Map<string, string>;
  /** What is said, but not quite the same. */
  readonly notes: Note[];
}

/** The loop around a command: its variable, which is the set's name too. */
export interface Loop {
  readonly variable: string;
  readonly overFiles: boolean;
}

export interface Scope {
  readonly source: string;
  readonly findings: Findings;
  /** Variables that the script has set, as they are said: `{param.DIR}/a`. */
  readonly variables: ReadonlyMap<string, string>;
  readonly loop: Loop | undefined;
  /** What a command reads that is first in its pipeline. */
  readonly stdin: readonly Stream[];
  /** Files that commands before have written. */
  readonly written: ReadonlyMap<string, readonly Stream[]>;
  /** `set -e; ` and the like, for what is left to a shell. */
  readonly options: string;
  /** True in `( )`, `{ }`, `<( )` and loops: what is set there is not set for all. */
  readonly isInner: boolean;
  /** Whether it is no failure that a program answers with 1, as grep does that has found nothing. */
  readonly hasAnswers: boolean;
  /** Says what stands in `<( )` and `>( )`: a script of its own. */
  readonly sayNested: (part: ProcessSubstitutionPart, scope: Scope) => Said;
}

/** `#!/bin/sh`: echo and others are not those of bash. */
export function isForSh({ source }: Scope): boolean {
  return /^#!\s*\S*\b(?:env\s+)?(?:da|a)?sh\b/.test(source);
}

/** What `set` was told, with or without others: `set -euo pipefail` is `e` and `pipefail`. */
export function hasOption({ options }: Scope, option: "e" | "pipefail"): boolean {
  return option === "pipefail" ? /-\w*o pipefail/.test(options) : /set (?:\S+ )*-\w*e/.test(options);
}

/** Whether a flow would put something in the place of braces in it. */
export function isReplaced(text: string, { loop }: Scope): boolean {
  const isField = loop !== undefined && new RegExp(`\\{${loop.variable}(?:\\.[^{}]*)?\\}`).test(text);
  return isField || /\{(?:param|in|out)\.[^{}]*\}/.test(text);
}

/** What a piece made here is over. */
export function eachOf({ loop }: Scope): { readonly each?: string } {
  return loop === undefined ? {} : { each: loop.variable };
}

/** A variable that the script has not set comes from the environment. */
export function sayVariable(name: string, scope: Scope): string {
  const { findings, loop } = scope;
  if (name === loop?.variable) return loop.overFiles ? `{${name}.path}` : `{${name}}`;
  const said = scope.variables.get(name);
  if (said !== undefined) return said;
  if (!findings.params.has(name)) findings.params.set(name, { env: name });
  return `{param.${name}}`;
}

/** `$1` of the script: a parameter that has to be given, unless nothing is as good. */
export function sayPositional(
  number: string,
  { findings: { params } }: Scope,
  { isNeeded }: { readonly isNeeded: boolean },
): string {
  const name = `arg${number}`;
  if (isNeeded) params.set(name, {});
  else if (!params.has(name)) params.set(name, { default: "" });
  return `{param.${name}}`;
}
