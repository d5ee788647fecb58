/**
 * Who of a script reads its standard input. In a loop all turns share it, which instances of an actor cannot.
 */
import type { Command, SyntaxNode } from "unbash";
import { forEachChild } from "unbash";
import type { Stream } from "./piece.ts";
import { isBuiltin, isFilter, readsStdin } from "./programs.ts";
import type { Scope } from "./scope.ts";
import { literalOf } from "./words.ts";

/** What belongs to a shell, and reads. */
const READERS = /^(?:\.|command|coproc|eval|exec|mapfile|read|readarray|source)$/;

type Reading = "nothing" | "perhaps" | "surely";

/** What these commands are given when nothing else is said. */
export function stdinOf(nodes: readonly SyntaxNode[], scope: Scope): readonly Stream[] {
  const reading = nodes.reduce<Reading>((most, node) => moreOf(most, readingOf(node)), "nothing");
  if (reading === "nothing") return [];
  if (reading === "surely" || scope.loop === undefined || !scope.stdin.every(isOfScript)) return scope.stdin;
  const [first] = nodes;
  const pos = first?.pos ?? 0;
  if (!scope.findings.notes.some((note) => note.pos === pos)) {
    const [name = ""] = /\S+/.exec(scope.source.slice(pos)) ?? [];
    scope.findings.notes.push({ pos, text: `"${name}" is given no standard input in a loop` });
  }
  return [];
}

function isOfScript({ piece }: Stream): boolean {
  return piece.body.kind === "stdin";
}

function readingOf(node: SyntaxNode): Reading {
  if (node.type === "HereDoc" || node.type === "HereString") return "nothing";
  // Only the first of a pipeline reads what all of it is given.
  if (node.type === "Pipeline") {
    return node.commands[0] === undefined ? "nothing" : readingOf(node.commands[0]);
  }
  if (node.type === "Redirected" && node.redirects.some(isInput)) return "nothing";
  let most = node.type === "Command" ? readingOfCommand(node) : node.type === "Select" ? "surely" : "nothing";
  if (node.type === "Command" && node.redirects.some(isInput)) return most;
  forEachChild(node, (child) => {
    most = moreOf(most, readingOf(child));
  });
  return most;
}

function readingOfCommand(node: Command): Reading {
  if (node.name === undefined || node.redirects.some(isInput)) return "nothing";
  const program = literalOf(node.name) ?? node.name.value;
  if (READERS.test(program)) return "surely";
  if (isBuiltin(program) || !readsStdin(program, node.args.map(({ text }) => text))) return "nothing";
  return isFilter(program) ? "surely" : "perhaps";
}

function isInput(
  redirect: { readonly type: string; readonly operator: string; readonly descriptor?: unknown },
): boolean {
  return redirect.descriptor === undefined && redirect.operator.startsWith("<");
}

function moreOf(a: Reading, b: Reading): Reading {
  if (a === "surely" || b === "surely") return "surely";
  return a === "perhaps" || b === "perhaps" ? "perhaps" : "nothing";
}
