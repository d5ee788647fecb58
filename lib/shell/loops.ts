/**
 * `for NAME in WORDS`: a set, and actors with one instance for each member.
 */
import type { For, Word } from "unbash";
import { listPieces, newPiece } from "./piece.ts";
import type { FlowSet, Said, Stream } from "./piece.ts";
import { isReplaced } from "./scope.ts";
import type { Scope } from "./scope.ts";
import { pathOf } from "./redirects.ts";
import { Unsayable } from "./unsayable.ts";
import { literalOf } from "./words.ts";

/** What `{NAME.…}` means in any flow. */
const RESERVED = new Set(["in", "key", "out", "param"]);

/** Throws Unsayable. */
export function sayLoop(node: For, scope: Scope, sayBody: (scope: Scope) => Said): Said {
  const variable = node.name.value;
  if (scope.loop !== undefined) throw new Unsayable(node.pos, "a loop in a loop");
  if (RESERVED.has(variable)) {
    throw new Unsayable(node.pos, `a loop over "${variable}", which a flow has otherwise`);
  }
  const set = sayWords(node.wordlist ?? [], node.pos, scope);
  if ("files" in set) {
    refuseWritten(set.files, node.pos, scope);
    noteFolders(set.files, node.pos, scope);
  }
  const { sets } = scope.findings;
  if (sets.has(variable) && JSON.stringify(sets.get(variable)) !== JSON.stringify(set)) {
    throw new Unsayable(node.pos, `a second loop over "${variable}"`);
  }
  sets.set(variable, set);
  const said = sayBody({ ...scope, loop: { variable, overFiles: "files" in set }, isInner: true });
  const shared = new Set(scope.stdin.map(({ piece }) => piece));
  if (listPieces([...said.stdout, ...[...said.targets.values()].flat()]).some((piece) => shared.has(piece))) {
    throw new Unsayable(node.pos, "a loop whose turns share one standard input");
  }
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

function sayWords(words: readonly Word[], pos: number, scope: Scope): FlowSet {
  const [first] = words;
  if (first === undefined) throw new Unsayable(pos, "a loop over arguments of the script");
  if (words.every(isPattern)) return { files: inOrder(words) };
  const range = words.length === 1 ? rangeOf(first) : undefined;
  if (range !== undefined) return { range };
  const values = words.map((word) => literalOf(word) ?? refuse(word));
  const braces = words.find((_, at) => isReplaced(values[at] ?? "", scope));
  if (braces !== undefined) refuse(braces);
  if (new Set(values).size < values.length) throw new Unsayable(first.pos, "a loop over the same word twice");
  return { values };
}

/** What is written before may be one of the files, and a set is looked for before anything runs. */
function refuseWritten(patterns: readonly string[], pos: number, { written }: Scope): void {
  const prefixes = patterns.map((pattern) => pathOf(prefixOf(pattern)));
  const found = [...written.keys()].find((path) =>
    path.includes("{") || prefixes.some((prefix) => prefix === "." || path.startsWith(prefix))
  );
  if (found !== undefined) {
    throw new Unsayable(pos, `a loop over files behind "${found}", which may be one of them`);
  }
}

function noteFolders(patterns: readonly string[], pos: number, { findings }: Scope): void {
  const open = patterns.find((pattern) => !pattern.slice(pattern.lastIndexOf("/") + 1).includes("."));
  if (open === undefined) return;
  findings.notes.push({
    pos,
    text: `a set has files only: a folder that matches "${open}" is no member of it`,
  });
}

/** The patterns of a set, whose files are in the order of their bytes; a shell has those of one pattern after the other. */
function inOrder(words: readonly Word[]): readonly string[] {
  const patterns = words.map(({ value }) => value);
  const fixed = patterns.map(prefixOf);
  const wrong = words.find((_, at) => {
    const [before, here] = [fixed[at - 1], fixed[at] ?? ""];
    return before !== undefined && (before >= here || here.startsWith(before));
  });
  if (wrong === undefined) return patterns;
  throw new Unsayable(wrong.pos, `a loop over "${patterns.join(" ")}", one pattern after the other`);
}

/** What stands before the first sign of a pattern. */
function prefixOf(pattern: string): string {
  return pattern.slice(0, pattern.search(/[*?[]/));
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

/** `{1..10}`, `{10..1}`, `$(seq 10)`, `$(seq 1 10)` */
function rangeOf({ text }: Word): readonly number[] | undefined {
  // 01 is a text with a width.
  if (/(?:^|\D)0\d/.test(text)) return undefined;
  const braces = /^\{(-?\d+)\.\.(-?\d+)\}$/.exec(text);
  if (braces !== null) {
    const [from, to] = [Number(braces[1]), Number(braces[2])];
    return from > to ? [from, to, -1] : [from, to];
  }
  const seq = /^\$\(seq (?:(-?\d+) )?(-?\d+)\)$/.exec(text);
  const [from, to] = [Number(seq?.[1] ?? 1), Number(seq?.[2])];
  return seq === null || from > to ? undefined : [from, to];
}

function refuse({ pos, text }: Word): never {
  throw new Unsayable(pos, `a loop over "${text}"`);
}
