/**
 * One command with its redirections, as an actor.
 */
import type { Assignment, Command, ProcessSubstitutionPart, Word } from "unbash";
import { leave } from "./leave.ts";
import { newPiece } from "./piece.ts";
import type { PortInput, Said, Stream } from "./piece.ts";
import { isBuiltin, okOf, showsNames } from "./programs.ts";
import { pathOf, sayFile, sayNestedOutput, sayRedirects, writtenAs } from "./redirects.ts";
import type { Redirected } from "./redirects.ts";
import { eachOf, isForSh } from "./scope.ts";
import type { Scope } from "./scope.ts";
import { Unsayable } from "./unsayable.ts";
import { stdinOf } from "./standard_input.ts";
import { literalOf, sayValue, sayWord } from "./words.ts";
import { wishOf } from "./leave.ts";

/** `input` is what the command before writes, if there is one. Throws Unsayable. */
export function sayCommand(node: Command, scope: Scope, input: readonly Stream[] | undefined): Said {
  const words = [node.name, ...node.args].map((word) => asWord(word, node));
  const [name] = words;
  if (name === undefined) throw new Unsayable(node.pos, "a command that sets variables only");
  const program = literalOf(name) ?? sayWord(name, scope);
  if (isBuiltin(program)) throw new Unsayable(name.pos, `"${program}", which works on the shell itself`);
  refuseOwn(program, words, scope);
  const redirected = sayRedirects(node.redirects, scope);
  if (input !== undefined && redirected.stdin !== undefined) {
    throw new Unsayable(node.pos, "a pipe and a file for one standard input");
  }
  const stdin = redirected.stdin ?? input;
  if (redirected.descriptors !== "") {
    return toTargets(leaveDescriptors(node, scope, { redirected, stdin }), redirected, node.pos);
  }
  if (program === "tee") {
    if (redirected.stderr !== undefined) throw new Unsayable(node.pos, "standard error of tee");
    const { own, others } = sayTee(words.slice(1), scope, stdin ?? scope.stdin);
    const { stdout, targets } = toTargets(own, redirected, node.pos);
    return { stdout: [...stdout, ...others], targets };
  }
  const isFile = program === "cat" && stdin === undefined && redirected.stderr === undefined;
  const file = isFile ? sayCat(words, scope) : undefined;
  if (file !== undefined) return toTargets({ stdout: file, targets: new Map() }, redirected, node.pos);
  return toTargets(sayProgram(node, scope, { words, program, stdin }), redirected, node.pos);
}

/** Where the program is not what the shell has under its name. */
function refuseOwn(program: string, words: readonly Word[], scope: Scope): void {
  const own = isForSh(scope)
    ? { echo: /\\|\$|^-/, printf: /\\[xuUe]|%\S*q/ }
    : { echo: /\\+[uUE]|^--(?:help|version)$/, printf: /%\(|%\S*q|^-v|^--(?:help|version)$/ };
  const isOwn = program === "echo" || program === "printf"
    ? words.some(({ text }) => own[program].test(text))
    : false;
  if (isOwn) throw new Unsayable(words[0]?.pos ?? 0, `"${program}" as the shell has it`);
}

function asWord(word: Word | Assignment | undefined, node: Command): Word {
  if (word?.type === "Word") return word;
  // `dd if=a` is a word that looks like one.
  if (word !== undefined) {
    return { type: "Word", text: word.text, value: word.text, pos: word.pos, end: word.end };
  }
  throw new Unsayable(node.pos, "a command without a program");
}

interface Program {
  readonly words: readonly Word[];
  readonly program: string;
  readonly stdin: readonly Stream[] | undefined;
}

function sayProgram(node: Command, scope: Scope, { words, program, stdin }: Program): Said {
  const inputs = new Map<string, PortInput>();
  const outputs = new Map<string, readonly Stream[]>();
  const argv = words.map((word) => {
    const part = nestedOf(word);
    if (part === undefined) return sayArgument(word, scope, { words, program, inputs });
    const port = `${part.operator === "<" ? "in" : "out"}${inputs.size + outputs.size + 1}`;
    if (part.operator === ">") throw new Unsayable(part.pos, `">( )" of a program other than tee`);
    inputs.set(port, { streams: sayNestedOutput(part, scope), asFile: false });
    return `{in.${port}}`;
  });
  const ok = scope.hasAnswers ? okOf(program) : undefined;
  const piece = newPiece(wishOf(program), { kind: "run", argv }, {
    stdin: stdin ?? stdinOf([node], scope),
    inputs,
    env: sayPrefixes(node, scope),
    ...eachOf(scope),
    ...ok === undefined ? {} : { ok },
  });
  return { stdout: [{ piece }], targets: new Map() };
}

function sayPrefixes({ prefix }: Command, scope: Scope): ReadonlyMap<string, string> {
  const env = new Map<string, string>();
  for (const assignment of prefix) {
    if (assignment.type !== "Assignment") continue;
    // `A=1 B=$A program` knows A already.
    if ([...env.keys()].some((name) => new RegExp(`\\$\\{?${name}\\b`).test(assignment.text))) {
      throw new Unsayable(assignment.pos, `"${assignment.text}", which only a shell computes`);
    }
    env.set(...sayAssignment(assignment, scope));
  }
  return env;
}

/** `A=1 program` */
function sayAssignment({ name, value, append, index, pos }: Assignment, scope: Scope): [string, string] {
  if (value.type !== "Word" || append === true || index !== undefined) {
    throw new Unsayable(pos, `"${name}", which only a shell computes`);
  }
  return [name, sayValue(value, scope)];
}

/** A file that a command before has written is read from that command. */
function sayArgument(
  word: Word,
  scope: Scope,
  { words, program, inputs }: Pick<Program, "words" | "program"> & {
    readonly inputs: Map<string, PortInput>;
  },
): string {
  const said = sayWord(word, scope);
  const written = writtenAs(said, scope);
  if (written === undefined) {
    refuseWithin(said, { program, pos: word.pos }, scope);
    return said;
  }
  if (showsNames(program, words.slice(1).map(({ text }) => text))) {
    throw new Unsayable(word.pos, `the name "${said}", which "${program}" may show`);
  }
  const port = `in${inputs.size + 1}`;
  inputs.set(port, { streams: written, asFile: true });
  return `{in.${port}}`;
}

/** `--file=t` and `r t` of a file that a command before has written. */
function refuseWithin(
  said: string,
  { program, pos }: { readonly program: string; readonly pos: number },
  { written }: Scope,
): void {
  if (program === "echo" || program === "printf") return;
  const within = [...written.keys()].find((path) => {
    const at = said.lastIndexOf(path);
    const before = said.slice(0, at);
    return at >= 0 && (/^-/.test(said) ? /[=\w]$/ : /[\s"'/]$/).test(before) &&
      !/^[\w.]/.test(said.slice(at + path.length));
  });
  if (within !== undefined) throw new Unsayable(pos, `"${said}", which names a file that is written before`);
}

/** `<( )` or `>( )` as a whole word. */
function nestedOf({ parts }: Word): ProcessSubstitutionPart | undefined {
  const [part] = parts ?? [];
  return parts?.length === 1 && part?.type === "ProcessSubstitution" ? part : undefined;
}

/** `cat FILE` is the file. */
function sayCat(words: readonly Word[], scope: Scope): readonly Stream[] | undefined {
  const [, path, ...more] = words;
  if (path === undefined || more.length > 0 || path.text.startsWith("-")) return undefined;
  const nested = nestedOf(path);
  return nested === undefined ? sayFile(sayWord(path, scope), scope) : sayNestedOutput(nested, scope);
}

/**
 * `tee FILE >(command)`: whoever reads what tee reads. What the others write goes where standard output was before it
 * was sent elsewhere: `tee >(command) > /dev/null` shows it.
 */
function sayTee(
  words: readonly Word[],
  scope: Scope,
  input: readonly Stream[],
): { readonly own: Said; readonly others: readonly Stream[] } {
  const others: Stream[] = [];
  const targets = new Map<string, readonly Stream[]>();
  for (const word of words) {
    const part = nestedOf(word);
    if (part?.operator === ">") {
      const said = scope.sayNested(part, { ...scope, stdin: input });
      others.push(...said.stdout);
      addTargets(targets, said.targets, word.pos);
    } else {
      const path = sayWord(word, scope);
      if (path.startsWith("-")) throw new Unsayable(word.pos, `"tee ${path}"`);
      addTargets(targets, new Map([[path, input]]), word.pos);
    }
  }
  return { own: { stdout: input, targets }, others };
}

/** Throws Unsayable when one file is written twice. */
export function addTargets(
  targets: Map<string, readonly Stream[]>,
  more: ReadonlyMap<string, readonly Stream[]>,
  pos: number,
): void {
  for (const [said, streams] of more) {
    const path = pathOf(said);
    if (targets.has(path)) throw new Unsayable(pos, `file "${path}", which is written twice`);
    targets.set(path, streams);
  }
}

/** `command 2>&1`: two descriptors for one pipe are for a shell, the rest is said. */
function leaveDescriptors(
  node: Command,
  scope: Scope,
  { redirected, stdin }: { readonly redirected: Redirected; readonly stdin: readonly Stream[] | undefined },
): Said {
  const words = [...node.prefix.filter(({ type }) => type === "Assignment"), node.name, ...node.args];
  const shown = words.flatMap((word) => word === undefined ? [] : [scope.source.slice(word.pos, word.end)]);
  const piece = leave({
    nodes: [node],
    text: shown.join(" ") + redirected.descriptors,
    stdin,
  }, scope);
  return { stdout: [{ piece }], targets: new Map() };
}

/** Standard output and error go where they were sent. */
export function toTargets(said: Said, { stdout, stderr }: Redirected, pos: number): Said {
  const targets = new Map(said.targets);
  if (stderr !== undefined) {
    targets.set(pathOf(stderr), said.stdout.map(({ piece }) => ({ piece, port: "stderr" })));
  }
  if (stdout === undefined) return { ...said, targets };
  if (targets.has(pathOf(stdout))) throw new Unsayable(pos, `file "${stdout}", which is written twice`);
  targets.set(pathOf(stdout), said.stdout);
  return { stdout: [], targets };
}
