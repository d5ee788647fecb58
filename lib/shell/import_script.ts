/**
 * From a shell script to a flow: what a flow can say becomes actors and streams, the rest is left to a shell, named
 * with its place. The parser is unbash; nothing is run.
 */
import type { SyntaxNode } from "unbash";
import { forEachChild, parse } from "unbash";
import { leave } from "./leave.ts";
import { sayList, sayNested } from "./lists.ts";
import { newPiece } from "./piece.ts";
import type { Note, Said } from "./piece.ts";
import type { Findings, Scope } from "./scope.ts";
import { Unsayable } from "./unsayable.ts";
import { writeFlow } from "./write_flow.ts";

export type ImportResult =
  | { readonly ok: true; readonly text: string; readonly notes: readonly PlacedNote[] }
  | { readonly ok: false; readonly mistakes: readonly PlacedNote[] };

/** Lines and columns count from 1. */
export interface PlacedNote {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** The text of a flow file that does what the script does, or what is no script in it. */
export function importScript(source: string): ImportResult {
  const shell = /^#!\s*(?:\S*\/)?(?:env\s+(?:-S\s*)?)?([^\s/]+)/.exec(source)?.[1];
  if (shell !== undefined && !/^(?:ba|da|a|k)?sh$/.test(shell)) {
    return {
      ok: false,
      mistakes: [place(source, 0, `it is a script for ${shell} (expected one for bash or sh)`)],
    };
  }
  const script = parse(source);
  const mistakes = script.errors ?? [];
  if (mistakes.length > 0) {
    return { ok: false, mistakes: mistakes.map(({ pos, message }) => place(source, pos, message)) };
  }
  if (script.commands.length === 0) {
    return { ok: false, mistakes: [place(source, 0, "there is no command in it")] };
  }
  const findings: Findings = { params: new Map(), sets: new Map(), env: new Map(), notes: [] };
  const said = sayScript(script.commands, newScope(source, findings));
  const { text, notes } = writeFlow(said, findings);
  return {
    ok: true,
    text,
    notes: [...notes, ...noteUnended(script.commands)].map((note) => place(source, note.pos, note.text)),
  };
}

/** A shell warns of a text behind `<<END` without its end, and takes all that follows for it. */
function noteUnended(nodes: readonly SyntaxNode[]): readonly Note[] {
  const notes: Note[] = [];
  const visit = (node: SyntaxNode): void => {
    if (node.type === "HereDoc" && node.closing === undefined) {
      const end = node.delimiter?.value ?? "";
      notes.push({
        pos: node.pos,
        text: `the text behind "<<${end}" has no line "${end}" that ends it: it is all that follows`,
      });
    }
    forEachChild(node, visit);
  };
  nodes.forEach(visit);
  return notes;
}

function newScope(source: string, findings: Findings): Scope {
  return {
    source,
    findings,
    variables: new Map(),
    loop: undefined,
    stdin: [{ piece: newPiece("input", { kind: "stdin" }) }],
    written: new Map(),
    options: "",
    isInner: false,
    hasAnswers: true,
    sayNested,
  };
}

type Statements = ReturnType<typeof parse>["commands"];

function sayScript(statements: Statements, scope: Scope): Said {
  try {
    const said = sayList(statements, scope);
    if (said.stdout.length + said.targets.size > 0) return said;
    throw new Unsayable(0, "a script that writes nothing");
  } catch (error) {
    if (!(error instanceof Unsayable)) throw error;
    const left = { pos: error.pos, text: error.message };
    scope.findings.env.clear();
    scope.findings.notes.length = 0;
    const piece = leave({ nodes: statements, left }, scope);
    return { stdout: [{ piece }], targets: new Map() };
  }
}

function place(source: string, pos: number, text: string): PlacedNote {
  const before = source.slice(0, pos).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, text };
}
