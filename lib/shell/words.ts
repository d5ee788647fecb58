/**
 * Words of a command, as arguments of a flow.
 */
import type { ParameterExpansionPart, Word, WordPart } from "unbash";
import { isReplaced, sayPositional, sayVariable } from "./scope.ts";
import type { Scope } from "./scope.ts";
import { Unsayable } from "./unsayable.ts";

/** What a shell would neither split nor take for a pattern. */
const PLAIN_VALUE = /^[\w@%+=:,./-]+$/;
/** Variables that the shell makes, and changes. */
const OF_SHELL =
  /^(?:BASH\w*|COLUMNS|DIRSTACK|E?UID|EPOCH\w+|FUNCNAME|GROUPS|HIST\w+|HOSTNAME|HOSTTYPE|IFS|LINENO|LINES|MACHTYPE|OLDPWD|OPT\w+|OSTYPE|PIPESTATUS|PPID|PS\d|PWD|RANDOM|REPLY|SECONDS|SHELLOPTS|SHLVL|SRANDOM)$/;

/** `$UID` and the like. */
export function isOfShell(variable: string): boolean {
  return OF_SHELL.test(variable);
}

/** The argument that a word is, with `{param.NAME}` for variables; throws Unsayable. */
export function sayWord(word: Word, scope: Scope): string {
  return say(word, scope, { quoted: false });
}

/** What stands behind `A=`: a shell does not split it. */
export function sayValue(word: Word, scope: Scope): string {
  return say(word, scope, { quoted: true });
}

function say(word: Word, scope: Scope, { quoted }: { readonly quoted: boolean }): string {
  if (word.text.startsWith("~")) {
    throw new Unsayable(word.pos, `"${word.text}" is a folder that only a shell knows`);
  }
  // A lone bracket is the program.
  if (word.parts === undefined || word.text === "[") return sayLiteral(word.value, word.pos, scope);
  return word.parts.map((part) => sayPart(part, scope, { quoted })).join("");
}

/** The word, when it says the same whatever runs; else undefined. */
export function literalOf(word: Word): string | undefined {
  if (word.text.startsWith("~")) return undefined;
  if (word.parts === undefined) return word.value;
  const isLiteral = word.parts.every((part) =>
    part.type === "Literal" || part.type === "SingleQuoted" || part.type === "AnsiCQuoted" ||
    (part.type === "DoubleQuoted" && part.parts.every((child) => child.type === "Literal"))
  );
  return isLiteral ? word.value : undefined;
}

/** The parts of a text with variables in it, such as what `<<END` brings. */
export function sayQuoted(parts: readonly WordPart[], scope: Scope): string {
  return parts.map((part) => sayPart(part, scope, { quoted: true })).join("");
}

function sayPart(part: WordPart, scope: Scope, { quoted }: { readonly quoted: boolean }): string {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
    case "AnsiCQuoted":
      return sayLiteral(part.value, part.pos, scope);
    case "DoubleQuoted":
      return sayQuoted(part.parts, scope);
    case "SimpleExpansion":
      return sayExpansion({ name: part.text.slice(1), pos: part.pos, text: part.text, quoted }, scope);
    case "ParameterExpansion":
      return sayParameter(part, scope, quoted);
    case "CommandExpansion":
      return sayFileName(part, scope);
    case "Glob":
    case "ExtendedGlob":
      throw new Unsayable(part.pos, "a pattern for files, which only a shell replaces");
    case "BraceExpansion":
      throw new Unsayable(part.pos, `"${part.text}", which only a shell replaces`);
    case "ArithmeticExpansion":
      throw new Unsayable(part.pos, `"${part.text}", which only a shell computes`);
    case "LocaleString":
      throw new Unsayable(part.pos, `"${part.text}", which only a shell translates`);
    case "ProcessSubstitution":
      throw new Unsayable(part.pos, `"${part.operator}( )" inside of a word`);
  }
}

function sayLiteral(text: string, pos: number, scope: Scope): string {
  if (isReplaced(text, scope)) throw new Unsayable(pos, "braces that a flow would replace");
  return text;
}

interface Expansion {
  readonly name: string;
  readonly pos: number;
  readonly text: string;
  readonly quoted: boolean;
}

function sayExpansion({ name, pos, text, quoted }: Expansion, scope: Scope): string {
  if (/^[1-9]\d*$/.test(name)) {
    if (quoted) return sayPositional(name, scope, { isNeeded: true });
    throw new Unsayable(pos, `"${text}" without quotes, which a shell splits into words`);
  }
  if (!/^[A-Za-z_]\w*$/.test(name) || (OF_SHELL.test(name) && !scope.variables.has(name))) {
    throw new Unsayable(pos, `"${text}", which only a shell knows`);
  }
  refuseElsewhere({ name, pos, text }, scope);
  if (quoted || isOneWord(name, scope)) {
    noteUnset({ name, pos, text }, scope);
    return sayVariable(name, scope);
  }
  throw new Unsayable(pos, `"${text}" without quotes, which a shell splits into words`);
}

/** What whoever is logged in has. */
const ALWAYS_SET = /^(?:HOME|LOGNAME|PATH|PWD|SHELL|USER)$/;

/** A shell takes nothing for a variable that is not set; a flow asks for it. */
function noteUnset(
  { name, pos, text }: Omit<Expansion, "quoted">,
  { variables, loop, findings }: Scope,
): void {
  if (variables.has(name) || name === loop?.variable || ALWAYS_SET.test(name)) return;
  if (findings.params.get(name)?.default !== undefined) return;
  const note =
    `"${text}" is set nowhere in the script: it has to be in the environment, or be given (--set ${name}=)`;
  if (!findings.notes.some((other) => other.text === note)) findings.notes.push({ pos, text: note });
}

/** Where a variable has one value here and another one there. */
function refuseElsewhere({ name, pos, text }: Omit<Expansion, "quoted">, scope: Scope): void {
  if (name === scope.loop?.variable || scope.variables.has(name)) return;
  const { params, sets } = scope.findings;
  if (params.get(name)?.default === undefined && !sets.has(name)) return;
  throw new Unsayable(pos, `"${text}", which has another value elsewhere`);
}

/** Without quotes, a name of a file is one word to whoever writes `for f in *`. */
function isOneWord(name: string, { loop, ...scope }: Scope): boolean {
  if (name !== loop?.variable) return PLAIN_VALUE.test(valueOf(name, scope) ?? "");
  const set = scope.findings.sets.get(name);
  return set === undefined || !("values" in set) || set.values.every((value) => PLAIN_VALUE.test(value));
}

/** What a variable of the script is without `--set`. */
function valueOf(
  name: string,
  { variables, findings }: Pick<Scope, "variables" | "findings">,
): string | undefined {
  const said = variables.get(name);
  return said === `{param.${name}}` ? findings.params.get(name)?.default : said;
}

function sayParameter(part: ParameterExpansionPart, scope: Scope, quoted: boolean): string {
  const { parameter: name, operation, prefix, index, pos, text } = part;
  const refuse = () => new Unsayable(pos, `"${text}", which only a shell computes`);
  if (prefix !== undefined || index !== undefined) throw refuse();
  if (operation === undefined) return sayExpansion({ name, pos, text, quoted }, scope);
  if (operation.type === "Default") return sayDefault({ name, operation, quoted }, scope) ?? raise(refuse());
  if (operation.type === "Remove" && name === scope.loop?.variable && scope.loop.overFiles) {
    return sayPathPart({ name, operation, pos }, scope) ?? raise(refuse());
  }
  throw refuse();
}

/** `${X:-text}` of a variable that the script does not set: a parameter from the environment, or the text. */
function sayDefault(
  { name, operation, quoted }: {
    readonly name: string;
    readonly operation: Extract<ParameterExpansionPart["operation"], { type: "Default" }>;
    readonly quoted: boolean;
  },
  scope: Scope,
): string | undefined {
  const value = literalOf(operation.operand);
  const isKnown = scope.variables.has(name) || name === scope.loop?.variable;
  if (value === undefined || isKnown || !quoted || !/^:?[-=]$/.test(operation.operator)) return undefined;
  const isPositional = /^[1-9]\d*$/.test(name);
  if (!isPositional && !/^[A-Za-z_]\w*$/.test(name)) return undefined;
  const param = isPositional ? `arg${name}` : name;
  const { params } = scope.findings;
  const before = params.get(param);
  if (before !== undefined && before.default !== value) return undefined;
  params.set(param, { default: value, ...isPositional ? {} : { env: name } });
  return `{param.${param}}`;
}

/** `${f##*\/}` and `${f%.gz}` of a file. */
function sayPathPart(
  { name, operation, pos }: {
    readonly name: string;
    readonly operation: Extract<ParameterExpansionPart["operation"], { type: "Remove" }>;
    readonly pos: number;
  },
  scope: Scope,
): string | undefined {
  const pattern = operation.operand.value;
  if (operation.operator === "##" && pattern === "*/") return `{${name}.name}`;
  const inFolders = areInFolders(name, scope);
  if (operation.operator === "%" && pattern === "/*") return inFolders === true ? `{${name}.dir}` : undefined;
  if (!operation.operator.startsWith("%") || !/^\.[\w.*-]+$/.test(pattern)) return undefined;
  if (inFolders === undefined || !allEndWith(pattern, name, scope)) return undefined;
  noteStem(pos, name, scope);
  return inFolders ? `{${name}.dir}/{${name}.stem}` : `{${name}.stem}`;
}

function patternsOf(name: string, { findings }: Scope): readonly string[] {
  const set = findings.sets.get(name);
  return set !== undefined && "files" in set ? set.files : [];
}

/** Whether the names of the files have a folder in them; undefined when some have. */
function areInFolders(name: string, scope: Scope): boolean | undefined {
  const patterns = patternsOf(name, scope);
  if (patterns.every((pattern) => pattern.includes("/"))) return true;
  return patterns.some((pattern) => pattern.includes("/")) ? undefined : false;
}

/** Whether each of the files has the end that is taken away. */
function allEndWith(end: string, name: string, scope: Scope): boolean {
  return patternsOf(name, scope).every((pattern) =>
    end === ".*" ? /\.[\w*?]+$/.test(pattern) : pattern.endsWith(end) && !/[*?[]/.test(end)
  );
}

/** `$(basename "$f" .gz)` and `$(dirname "$f")` of a file. */
function sayFileName(part: Extract<WordPart, { type: "CommandExpansion" }>, scope: Scope): string {
  const refuse = () => new Unsayable(part.pos, `"$( )", which a command line is built from`);
  const { loop } = scope;
  const statement = part.script?.commands.length === 1 ? part.script.commands[0] : undefined;
  if (statement?.command.type !== "Command" || loop?.overFiles !== true) throw refuse();
  const { name, args } = statement.command;
  const [path, suffix] = args;
  if (path?.type !== "Word" || args.length > 2 || !isVariable(path, loop.variable)) throw refuse();
  if (name?.value === "dirname" && suffix === undefined) return `{${loop.variable}.dir}`;
  if (name?.value !== "basename") throw refuse();
  if (suffix === undefined) return `{${loop.variable}.name}`;
  const end = suffix.type === "Word" ? literalOf(suffix) : undefined;
  if (end?.startsWith(".") !== true || !allEndWith(end, loop.variable, scope)) throw refuse();
  noteStem(part.pos, loop.variable, scope);
  return `{${loop.variable}.stem}`;
}

function isVariable({ value }: Word, name: string): boolean {
  return value === `$${name}` || value === `\${${name}}`;
}

function noteStem(pos: number, name: string, { findings }: Scope): void {
  const text = `{${name}.stem} is a name up to its first dot: of "a.b.gz" it is "a"`;
  if (!findings.notes.some((note) => note.text === text)) findings.notes.push({ pos, text });
}

function raise(error: Error): never {
  throw error;
}
