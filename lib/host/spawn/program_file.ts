/**
 * What the beginning of a program's file tells about how the system will start it.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { quoteArgument } from "../../core/quote_argument.ts";
import { mayAccess } from "../files/may_access.ts";

/** The system looks no further for the line of an interpreter. */
const HEAD_BYTES = 256;

/** An interpreter may be a script too, so many times. */
const INTERPRETERS_MAX = 5;

export type ProgramHead =
  /** `#!INTERPRETER ARGUMENT` */
  | { readonly kind: "script"; readonly interpreter: string; readonly argument: string }
  | { readonly kind: "binary" }
  /** Without such a line: a shell reads it. */
  | { readonly kind: "text" }
  | { readonly kind: "unreadable" };

/** Looks at the first bytes of a file. */
export function readProgramHead(file: string): ProgramHead {
  let head: string;
  try {
    const fd = openSync(file, "r");
    try {
      const bytes = new Uint8Array(HEAD_BYTES);
      head = new TextDecoder("latin1").decode(bytes.subarray(0, readSync(fd, bytes, 0, HEAD_BYTES, 0)));
    } finally {
      closeSync(fd);
    }
  } catch {
    return { kind: "unreadable" }; // A program may be run by those who may not read it.
  }
  // As shells tell: no text has a zero; all formats of programs begin with more than letters.
  if (head.includes("\0")) return { kind: "binary" };
  const [, interpreter = "", argument = ""] =
    /^#![ \t]*([^ \t\n]+)[ \t]*([^\n]*?)[ \t]*(?:\n|$)/.exec(head) ?? [];
  return interpreter === "" ? { kind: "text" } : { kind: "script", interpreter, argument };
}

/** Why the system cannot start a script; undefined when it can, and when the file is none. */
export function scriptProblem(file: string, folder: string, depth = 0): string | undefined {
  const head = readProgramHead(file);
  if (head.kind !== "script" || depth > INTERPRETERS_MAX) return undefined;
  const { interpreter } = head;
  const asks = `its first line asks for ${JSON.stringify(interpreter)}`;
  const remedy = `expected the path of an interpreter; install it, or change the line`;
  const path = resolve(folder, interpreter);
  switch (stateOf(path)) {
    case "missing":
      if (interpreter.endsWith("\r")) return returnProblem(file);
      return `${asks}, and there is no such file (${remedy})`;
    case "no program":
      return `${asks}, which may not be executed (${remedy})`;
    case "program": {
      const inner = scriptProblem(path, folder, depth + 1);
      return inner === undefined ? undefined : `its interpreter ${JSON.stringify(interpreter)}: ${inner}`;
    }
  }
}

/** The text for a script whose lines end as on Windows. */
export function returnProblem(file: string): string {
  return `its first line ends with a carriage return, which becomes a part of its interpreter's name ` +
    `(save it with Unix line ends; try sed -i 's/\\r$//' ${quoteArgument(file)})`;
}

function stateOf(file: string): "missing" | "no program" | "program" {
  try {
    return statSync(file).isFile() && mayAccess(file, "execute") ? "program" : "no program";
  } catch {
    return "missing";
  }
}
