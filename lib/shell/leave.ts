/**
 * What a flow cannot say is left to a shell, as one actor with the text as it stands in the script.
 */
import type { Command, SyntaxNode, WordPart } from "unbash";
import { forEachChild } from "unbash";
import { newPiece } from "./piece.ts";
import type { Note, Piece, Stream } from "./piece.ts";
import { isBuiltin, isOwn } from "./programs.ts";
import { isForSh, isReplaced, sayPositional, sayVariable } from "./scope.ts";
import type { Scope } from "./scope.ts";
import { stdinOf } from "./standard_input.ts";
import { isOfShell, literalOf } from "./words.ts";

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
  /** What it reads, where that is not what all are given. */
  readonly stdin?: readonly Stream[] | undefined;
  readonly left?: Note;
}

/** Syntax that `sh` does not have, or has otherwise. */
const OF_BASH = new Set([
  "ArithmeticExpansion",
  "FileDescriptorVariable",
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
/** What every shell has alike of what is no program. */
const OF_EVERY_SHELL = new Set([":", "cd", "exit", "false", "shift", "true", "wait"]);

/** The actor that a shell is left with. */
export function leave({ nodes, text, stdin, left }: Leaving, scope: Scope): Piece {
  const used = findUsed(nodes);
  const first = nodes[0]?.pos ?? 0;
  const last = nodes.at(-1)?.end ?? first;
  const script = scope.options + (text ?? `${scope.source.slice(first, last)}${hereDocsOf(nodes, scope)}`);
  const body = isReplaced(script, scope) ? hideBraces(script) : script;
  const positionals = [...used.positionals.keys()].sort((a, b) => a - b);
  const isBash = !isForSh(scope) && (used.isOfBash || scope.options.includes("pipefail"));
  const args = Array.from(
    { length: positionals.at(-1) ?? 0 },
    (_, at) => sayPositional(`${at + 1}`, scope, { isNeeded: used.positionals.get(at + 1) !== false }),
  );
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
      stdin: stdin ?? stdinOf(nodes, scope),
      env: new Map(variables.map((name) => [name, sayVariable(name, scope)])),
      ...scope.loop === undefined ? {} : { each: scope.loop.variable },
      ...left === undefined ? {} : { left },
    },
  );
}

interface Used {
  readonly variables: ReadonlySet<string>;
  /** By number, whether it has to be there. */
  readonly positionals: ReadonlyMap<number, boolean>;
  readonly isOfBash: boolean;
}

function findUsed(nodes: readonly SyntaxNode[]): Used {
  const variables = new Set<string>();
  const positionals = new Map<number, boolean>();
  let isOfBash = false;
  let isSet = false;
  const visit = (node: SyntaxNode, isInFunction: boolean): void => {
    isOfBash ||= OF_BASH.has(node.type) || isOtherBash(node);
    isSet ||= node.type === "Command" && setsArguments(node);
    const name = variableOf(node);
    if (name !== undefined && /^[1-9]\d*$/.test(name)) {
      const isNeeded = !(node.type === "ParameterExpansion" && node.operation?.operator === ":-");
      // Those of a function are its own.
      if (!isInFunction) positionals.set(Number(name), isNeeded || positionals.get(Number(name)) === true);
    } else if (name !== undefined) variables.add(name);
    forEachChild(node, (child) => visit(child, isInFunction || node.type === "Function"));
  };
  nodes.forEach((node) => visit(node, false));
  return { variables, positionals: isSet ? new Map() : positionals, isOfBash };
}

/** `set -- a b` */
function setsArguments({ name, args }: Command): boolean {
  return name?.value === "set" && args.some(({ text }) => text === "--" || !/^[-+]|^pipefail$/.test(text));
}

/** The script as it stands, in a way in which a flow replaces nothing. */
function hideBraces(script: string): string {
  const hidden = script.replaceAll("\\", "\\\\").replaceAll("'", "\\0047").replaceAll("{", "\\0173");
  return `eval "$(printf '%b' '${hidden}')"`;
}

function isOtherBash(node: SyntaxNode): boolean {
  if (node.type === "Command") return isOfItsShell(node);
  if (node.type === "Glob") return node.text.startsWith("[^");
  if (node.type === "SimpleExpansion") return isOfShell(node.text.slice(1));
  if (node.type === "Pipeline") return node.operators.includes("|&");
  if (node.type === "Redirect") {
    const target = node.target?.text ?? "";
    // A file that is named by several words is a mistake in bash alone.
    return node.operator.startsWith("&>") || (node.operator === ">&" && !/^(?:\d+|-)$/.test(target)) ||
      /^[^"']*\$/.test(target);
  }
  if (node.type === "ParameterExpansion") {
    return node.index !== undefined || node.prefix === "!" || isOfShell(node.parameter);
  }
  return false;
}

/** What is built into shells is not the same in each. */
function isOfItsShell({ name }: Command): boolean {
  if (name === undefined) return false;
  const program = literalOf(name);
  if (program === undefined) return true;
  return (isBuiltin(program) || isOwn(program)) && !OF_EVERY_SHELL.has(program);
}

function variableOf(node: SyntaxNode): string | undefined {
  if (node.type === "SimpleExpansion") return (node satisfies WordPart).text.slice(1);
  if (node.type === "ParameterExpansion") return node.parameter;
  // $((n + 1)) names a variable without a dollar, and $(($n * 2)) with one.
  if (node.type === "ArithmeticWord") return /^\$?\{?([A-Za-z_]\w*)\}?$/.exec(node.value)?.[1];
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

/** The first word of a command, as a name. */
export function wishOf(text: string): string {
  const word = /^[\s({!]*(?:\w+=\S*\s+)*(\S+)/.exec(text)?.[1] ?? "";
  const name = word.slice(word.lastIndexOf("/") + 1).split(".")[0] ?? "";
  return /[A-Za-z_][A-Za-z0-9_-]*/.exec(name)?.[0] ?? "script";
}
