/**
 * Commands that follow each other: said when each is a pipeline that changes nothing but what it writes, so that all
 * may run at the same time. What one writes into a file, a later one reads from it.
 */
import type {
  AndOr,
  Assignment,
  Command,
  CommandNode,
  PipelineNode,
  ProcessSubstitutionPart,
  Statement,
  Word,
} from "unbash";
import { addTargets } from "./commands.ts";
import { leave } from "./leave.ts";
import { sayLoop } from "./loops.ts";
import { listPieces } from "./piece.ts";
import type { Piece, Said, Stream } from "./piece.ts";
import { sayPipeline } from "./pipelines.ts";
import { isPure, isQuestion } from "./programs.ts";
import { pathOf } from "./redirects.ts";
import { isReplaced } from "./scope.ts";
import type { Scope } from "./scope.ts";
import { Unsayable } from "./unsayable.ts";
import { literalOf, sayValue } from "./words.ts";

/** What `set` may be told, and a flow does anyway. */
const SETTINGS = /^(?: [-+](?:[eux]+|[eux]*o pipefail))+$/;
/** What programs read from the environment, where it is already. */
const OF_ENVIRONMENT =
  /^(?:PATH|HOME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TERM|USER|LOGNAME|SHELL|E?UID|PWD|OLDPWD|IFS|ENV|BASH\w*|POSIXLY_CORRECT|EDITOR|PAGER|LD_\w+|XDG_\w+|\w+_PROXY|\w+_proxy)$/;

/** Throws Unsayable. */
export function sayList(statements: readonly Statement[], scope: Scope): Said {
  const list = new ListReader(scope);
  for (const statement of statements) list.read(statement);
  return list.said();
}

/** `<( )` and `>( )`: what cannot be said of it is left to a shell as a whole. */
export function sayNested(part: ProcessSubstitutionPart, scope: Scope): Said {
  const { script } = part;
  const { notes } = scope.findings;
  const noted = notes.length;
  if (script === undefined || script.source !== undefined) throw new Unsayable(part.pos, `"${part.text}"`);
  try {
    return sayList(script.commands, { ...scope, isInner: true });
  } catch (error) {
    if (!(error instanceof Unsayable)) throw error;
    notes.length = noted;
    const left = { pos: error.pos, text: error.message };
    const piece = leave({ nodes: script.commands, left }, scope);
    return { stdout: [{ piece }], targets: new Map() };
  }
}

class ListReader {
  #scope: Scope;
  readonly #stdout: Stream[] = [];
  readonly #targets = new Map<string, readonly Stream[]>();
  /** The places of the pipelines. */
  readonly #places: number[] = [];
  #impure: Unsayable | undefined;
  /** How many of them read what this list is given. */
  #readers = 0;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  said(): Said {
    if (this.#places.length > 1 && this.#impure !== undefined) throw this.#impure;
    return { stdout: this.#stdout, targets: this.#targets };
  }

  read({ command, background, pos }: Statement): void {
    if (background === true) throw new Unsayable(pos, `"&", which nobody waits for`);
    if (command.type === "AndOr") this.#readAndOr(command);
    else if (command.type !== "Command" || !this.#readSetting(command)) this.#readPipeline(command);
  }

  #readAndOr({ commands, operators, pos }: AndOr): void {
    if (operators.includes("||")) throw new Unsayable(pos, `"||": what runs when another fails`);
    for (const [at, command] of commands.entries()) {
      if (at < operators.length) refuseQuestion(command);
      if (command.type !== "Command" || !this.#readSetting(command)) this.#readPipeline(command);
    }
  }

  #readPipeline(node: PipelineNode): void {
    if ([...this.#targets.keys()].some((path) => path.includes("{"))) {
      // Whether this reads one of them nobody can tell.
      this.#impure ??= new Unsayable(node.pos, "a command behind files whose names are not known before");
    }
    const said = sayPipeline(node, this.#scope, sayCompound);
    this.#stdout.push(...said.stdout);
    addTargets(this.#targets, said.targets, node.pos);
    this.#places.push(node.pos);
    const streams = [...said.stdout, ...[...said.targets.values()].flat()];
    const given = new Set(this.#scope.stdin.map(({ piece }) => piece));
    const pieces = listPieces(streams);
    if (pieces.some((piece) => given.has(piece)) && this.#readers++ > 0) {
      throw new Unsayable(
        node.pos,
        "a second command that reads standard input, where the first has left off",
      );
    }
    noteOverwritten(said.targets, pieces, { pos: node.pos, scope: this.#scope });
    const impure = pieces.find((piece) => !given.has(piece) && mayChange(piece));
    if (impure !== undefined) this.#impure ??= refuseImpure(impure, node.pos);
    this.#scope = { ...this.#scope, written: new Map(this.#targets) };
  }

  /** `A=1`, `export A=1`, `set -e`, `rm FILE` of a file that the script has written: true when it is one. */
  #readSetting(node: Command): boolean {
    if (node.name === undefined) {
      for (const prefix of node.prefix) this.#assign(prefix);
      return true;
    }
    const program = literalOf(node.name);
    if (node.redirects.length > 0 || node.prefix.length > 0) return false;
    if (program === ":" || program === "true") return node.args.every(saysItself);
    if (
      program === "set" && !this.#scope.isInner &&
      SETTINGS.test(node.args.map(({ text }) => ` ${text}`).join(""))
    ) {
      const { pos, end } = node;
      this.#scope = {
        ...this.#scope,
        options: `${this.#scope.options}${this.#scope.source.slice(pos, end)}; `,
      };
      return true;
    }
    if (program === "export") return this.#export(node);
    return program === "rm" && this.#remove(node);
  }

  #assign(prefix: Command["prefix"][number]): void {
    if (prefix.type !== "Assignment") throw new Unsayable(prefix.pos, "a redirection without a program");
    const { name, pos } = prefix;
    const value = this.#valueOf(prefix);
    if (OF_ENVIRONMENT.test(name)) throw new Unsayable(pos, `"${name}", which programs may see`);
    if (this.#scope.findings.params.has(name)) {
      throw new Unsayable(pos, `"${name}", which has another value elsewhere`);
    }
    const literal = literalOf(value);
    if (literal !== undefined && isReplaced(literal, this.#scope)) {
      throw new Unsayable(pos, "braces that a flow would replace");
    }
    if (literal !== undefined) this.#scope.findings.params.set(name, { default: literal });
    this.#know(name, literal === undefined ? sayValue(value, this.#scope) : `{param.${name}}`);
  }

  #export({ args, pos }: Command): boolean {
    if (this.#places.length > 0 || this.#scope.isInner) {
      throw new Unsayable(pos, `"export" that only some of the programs see`);
    }
    for (const arg of args) {
      if (arg.type !== "Assignment") throw new Unsayable(arg.pos, `"export" of this`);
      const said = sayValue(this.#valueOf(arg), this.#scope);
      this.#know(arg.name, said);
      this.#scope.findings.env.set(arg.name, said);
    }
    return args.length > 0;
  }

  #valueOf({ name, value, append, index, pos }: Assignment): Word {
    if (value.type !== "Word" || append === true || index !== undefined) {
      throw new Unsayable(pos, `"${name}", which only a shell computes`);
    }
    if (this.#scope.loop !== undefined) throw new Unsayable(pos, `"${name}", which is set in a loop`);
    if (this.#scope.variables.has(name)) throw new Unsayable(pos, `"${name}", which is set twice`);
    return value;
  }

  #know(name: string, said: string): void {
    this.#scope = { ...this.#scope, variables: new Map([...this.#scope.variables, [name, said]]) };
  }

  /** A file that is written, read and removed is a stream. */
  #remove({ args, redirects }: Command): boolean {
    const paths = args.filter((arg) => arg.text !== "-f").map((arg) =>
      arg.type === "Word" ? literalOf(arg) : undefined
    );
    const isOwn = paths.every((path) => path !== undefined && this.#targets.has(path));
    if (!isOwn || paths.length === 0 || redirects.length > 0) return false;
    for (const path of paths) this.#targets.delete(path ?? "");
    this.#scope = { ...this.#scope, written: new Map(this.#targets) };
    return true;
  }
}

function sayCompound(node: CommandNode, scope: Scope): Said {
  switch (node.type) {
    case "Subshell":
    case "BraceGroup":
      return sayList(node.body.commands, { ...scope, isInner: true });
    case "For":
      return sayLoop(node, scope, (inner) => sayList(node.body.commands, inner));
    case "Function":
      throw new Unsayable(node.pos, "a function");
    case "Case":
    case "If":
    case "Select":
    case "Coproc":
      throw new Unsayable(node.pos, `"${node.type.toLowerCase()}"`);
    case "While":
      throw new Unsayable(node.pos, `"${node.kind}"`);
    case "ArithmeticFor":
      throw new Unsayable(node.pos, `"for (( ))"`);
    case "TestCommand":
      throw new Unsayable(node.pos, `"[[ ]]"`);
    case "ArithmeticCommand":
      throw new Unsayable(node.pos, `"(( ))"`);
    case "Command":
    case "Redirected":
      throw new Unsayable(node.pos, "this command");
  }
}

function refuseImpure({ left, wish }: Piece, pos: number): Unsayable {
  if (left !== undefined) return new Unsayable(left.pos, left.text);
  return new Unsayable(pos, `"${wish}", which may change what commands behind it see`);
}

/** A program that answers with its exit code decides over what is behind `&&`. */
function refuseQuestion(node: PipelineNode): void {
  const last = node.type === "Pipeline" ? node.commands.at(-1) : node;
  const program = last?.type === "Command" && last.name !== undefined ? literalOf(last.name) : undefined;
  if (program !== undefined && isQuestion(program)) {
    throw new Unsayable(node.pos, `"${program}" before "&&": whether the rest runs`);
  }
}

/** `sort a > a` */
function noteOverwritten(
  targets: Said["targets"],
  pieces: readonly Piece[],
  { pos, scope: { findings } }: { readonly pos: number; readonly scope: Scope },
): void {
  for (const path of targets.keys()) {
    const isRead = pieces.some(({ body }) =>
      body.kind === "file"
        ? pathOf(body.path) === path
        : body.kind === "run" && body.argv.slice(1).some((arg) => pathOf(arg) === path)
    );
    const text = `"${path}" is read and then written: a shell would have emptied it before`;
    if (isRead && !findings.notes.some((note) => note.text === text)) findings.notes.push({ pos, text });
  }
}

/** A word that nothing happens in. */
function saysItself(word: Word | Assignment): boolean {
  return word.type === "Word" && literalOf(word) !== undefined;
}

function mayChange({ body }: Piece): boolean {
  if (body.kind === "sh") return true;
  return body.kind === "run" && !isPure(body.argv[0] ?? "", body.argv.slice(1));
}
