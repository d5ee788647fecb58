/**
 * `for NAME in WORDS`: a set, and actors with one instance for each member.
 */
import type { For, Word } from "unbash";
import { newPiece } from "./piece.ts";
import type { FlowSet, Said, Stream } from "./piece.ts";
import type { Scope } from "./scope.ts";
import { Unsayable } from "./unsayable.ts";
import { literalOf } from "./words.ts";

/** Throws Unsayable. */
export function sayLoop(node: For, scope: Scope, sayBody: (scope: Scope) => Said): Said {
  const variable = node.name.value;
  if (scope.loop !== undefined) throw new Unsayable(node.pos, "a loop in a loop");
  const set = sayWords(node.wordlist ?? [], node.pos);
  const { sets } = scope.findings;
  if (sets.has(variable) && JSON.stringify(sets.get(variable)) !== JSON.stringify(set)) {
    throw new Unsayable(node.pos, `a second loop over "${variable}"`);
  }
  sets.set(variable, set);
  const said = sayBody({ ...scope, loop: { variable, overFiles: "files" in set }, stdin: [] });
  for (const path of said.targets.keys()) {
    if (!path.includes(`{${variable}`)) {
      throw new Unsayable(node.pos, `file "${path}", which each turn writes anew`);
    }
  }
  return said.stdout.length < 2 ? said : { ...said, stdout: [joinTurn(said.stdout, variable)] };
}

/** What several commands write in one turn of the loop stands together. */
function joinTurn(streams: readonly Stream[], each: string): Stream {
  return { piece: newPiece("cat", { kind: "run", argv: ["cat"] }, { stdin: streams, each }) };
}

function sayWords(words: readonly Word[], pos: number): FlowSet {
  const [first] = words;
  if (first === undefined) throw new Unsayable(pos, "a loop over arguments of the script");
  if (words.every(isPattern)) return { files: words.map(({ value }) => value) };
  const range = words.length === 1 ? rangeOf(first) : undefined;
  if (range !== undefined) return { range };
  const values = words.map((word) => literalOf(word) ?? refuse(word));
  if (new Set(values).size < values.length) throw new Unsayable(first.pos, "a loop over the same word twice");
  return { values };
}

/** Only of names and the signs that mean the same to a set. */
function isPattern({ parts = [] }: Word): boolean {
  // A pattern for folders is none for files.
  return parts.some(({ type }) => type === "Glob") && !/\/$/.test(parts.at(-1)?.text ?? "") &&
    parts.every((part) =>
      part.type === "Glob" || (part.type === "Literal" && !/[{}()!\\]/.test(part.text)) ||
      (part.type === "SingleQuoted" && /^[\w ./-]*$/.test(part.value))
    );
}

/** `{1..10}`, `$(seq 10)`, `$(seq 1 10)` */
function rangeOf({ text }: Word): readonly number[] | undefined {
  const braces = /^\{(-?\d+)\.\.(-?\d+)\}$/.exec(text) ?? /^\$\(seq (-?\d+) (-?\d+)\)$/.exec(text);
  // 01 is a text with a width.
  if (braces !== null && !/(?:^|\D)0\d/.test(text)) return [Number(braces[1]), Number(braces[2])];
  const upTo = /^\$\(seq (\d+)\)$/.exec(text);
  return upTo === null ? undefined : [1, Number(upTo[1])];
}

function refuse({ pos, text }: Word): never {
  throw new Unsayable(pos, `a loop over "${text}"`);
}
