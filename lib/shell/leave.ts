/**
 * What a flow cannot say is left to a shell, as one actor with the text as it stands in the script.
 */
import type { SyntaxNode, WordPart } from "unbash";
import { forEachChild } from "unbash";
import { newPiece } from "./piece.ts";
import type { Note, Piece, Stream } from "./piece.ts";
import { readsStdin } from "./programs.ts";
import { isForSh, sayPositional, sayVariable } from "./scope.ts";
import type { Scope } from "./scope.ts";

/** A part of the script with its place there. */
export interface Region {
  readonly pos: number;
  readonly end: number;
}

export interface Leaving {
  /** The parts of the script that it is. */
  readonly nodes: readonly SyntaxNode[];
  /** The text, where it is not what stands there. */
  readonly text?: string;
  readonly stdin: readonly Stream[];
  readonly left?: Note;
}

/** Syntax that `sh` does not have, or has otherwise. */
const OF_BASH = new Set([
  "ProcessSubstitution",
  "TestCommand",
  "ArrayValue",
  "BraceExpansion",
  "HereString",
  "AnsiCQuoted",
  "LocaleString",
  "ExtendedGlob",
  "ArithmeticCommand",
  "ArithmeticFor",
  "Select",
  "Coproc",
  "Function",
  "Time",
  "Replace",
  "Slice",
  "CaseModification",
  "Transform",
]);
const NAMES_OF_BASH =
  /\b(?:echo|read|shopt|declare|typeset|mapfile|readarray|source|pushd|popd|disown|pipefail|RANDOM|SECONDS|BASH\w*|PIPESTATUS)\b/;

/** The actor that a shell is left with. */
export function leave({ nodes, text, stdin, left }: Leaving, scope: Scope): Piece {
  const used = findUsed(nodes);
  const first = nodes[0]?.pos ?? 0;
  const last = nodes.at(-1)?.end ?? first;
  const body = scope.options + (text ?? `${scope.source.slice(first, last)}${hereDocsOf(nodes, scope)}`);
  const positionals = [...used.positionals].sort((a, b) => a - b);
  const isBash = !isForSh(scope) && (used.isOfBash || NAMES_OF_BASH.test(body));
  const args = Array.from({ length: positionals.at(-1) ?? 0 }, (_, at) => sayPositional(`${at + 1}`, scope));
  const variables = [...used.variables].filter((name) =>
    scope.variables.has(name) || name === scope.loop?.variable
  );
  return newPiece(
    wishOf(scope.source.slice(first, last)),
    isBash || args.length > 0
      ? {
        kind: "run",
        argv: [isBash ? "bash" : "sh", "-c", body, ...args.length > 0 ? ["script", ...args] : []],
      }
      : { kind: "sh", text: body },
    {
      stdin: nodes.every(readsNothing) ? [] : stdin,
      env: new Map(variables.map((name) => [name, sayVariable(name, scope)])),
      ...scope.loop === undefined ? {} : { each: scope.loop.variable },
      ...left === undefined ? {} : { left },
    },
  );
}

interface Used {
  readonly variables: ReadonlySet<string>;
  readonly positionals: ReadonlySet<number>;
  readonly isOfBash: boolean;
}

function findUsed(nodes: readonly SyntaxNode[]): Used {
  const variables = new Set<string>();
  const positionals = new Set<number>();
  let isOfBash = false;
  const visit = (node: SyntaxNode): void => {
    isOfBash ||= OF_BASH.has(node.type) || isOtherBash(node);
    const name = variableOf(node);
    if (name !== undefined && /^[1-9]\d*$/.test(name)) positionals.add(Number(name));
    else if (name !== undefined) variables.add(name);
    forEachChild(node, visit);
  };
  nodes.forEach(visit);
  return { variables, positionals, isOfBash };
}

function isOtherBash(node: SyntaxNode): boolean {
  if (node.type === "Pipeline") return node.operators.includes("|&");
  if (node.type === "Redirect") return node.operator.startsWith("&>");
  if (node.type === "ParameterExpansion") return node.index !== undefined || node.prefix === "!";
  return false;
}

function variableOf(node: SyntaxNode): string | undefined {
  if (node.type === "SimpleExpansion") return (node satisfies WordPart).text.slice(1);
  if (node.type === "ParameterExpansion") return node.parameter;
  // $((n + 1)) names a variable without a dollar.
  if (node.type === "ArithmeticWord" && /^[A-Za-z_]\w*$/.test(node.value)) return node.value;
  return undefined;
}

/** A text behind `<<END` stands in the lines below the command. */
function hereDocsOf(nodes: readonly SyntaxNode[], { source }: Scope): string {
  const end = nodes.at(-1)?.end ?? 0;
  const texts: string[] = [];
  const visit = (node: SyntaxNode): void => {
    if (node.type === "HereDoc" && node.body.pos >= end) {
      texts.push(`\n${source.slice(node.body.pos, node.closing?.end ?? node.body.end)}`);
    }
    forEachChild(node, visit);
  };
  nodes.forEach(visit);
  return texts.length === 0 ? "" : `${texts.join("")}\n`;
}

/** A command that is known not to read standard input: it needs none that somebody would have to end. */
function readsNothing(node: SyntaxNode): boolean {
  if (node.type !== "Command" || node.name === undefined) return false;
  return !readsStdin(node.name.value, node.args.map(({ text }) => text));
}

/** The first word of a command, as a name. */
export function wishOf(text: string): string {
  const word = /^[\s({!]*(?:\w+=\S*\s+)*(\S+)/.exec(text)?.[1] ?? "";
  const name = word.slice(word.lastIndexOf("/") + 1).split(".")[0] ?? "";
  return /[A-Za-z_][A-Za-z0-9_-]*/.exec(name)?.[0] ?? "script";
}
