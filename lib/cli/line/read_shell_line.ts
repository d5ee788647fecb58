/**
 * The words of a command line as far as it is written in bash, which says of a word that is not finished neither what it
 * means nor from where it completes it.
 */
import process from "node:process";

export interface ShellLine {
  /** What the words mean, the program's name first; the last one is where the cursor is. */
  readonly words: readonly string[];
  /** How the part of the last word stands there that bash replaces: it begins anew behind `:`, `=` and a quote. */
  readonly written: string;
  /** The quote that is open at the cursor. */
  readonly quote: "" | "'" | '"';
}

/** What bash begins a word anew behind, unless it is quoted: the default of COMP_WORDBREAKS without blanks and quotes. */
const BREAKS = /[@><=;|&(:]/;

interface Reading {
  words: string[];
  word: string | undefined;
  /** Where the part begins. */
  from: number;
  quote: ShellLine["quote"];
}

/** The line up to the cursor. */
export function readShellLine(line: string): ShellLine {
  const reading: Reading = { words: [], word: undefined, from: 0, quote: "" };
  for (let at = 0; at < line.length; at++) at += readSign(reading, { line, at });
  const { words, word = "", from, quote } = reading;
  return { words: [...words, word], written: word === "" ? "" : line.slice(from), quote };
}

/** How many of the signs behind it are read with it. */
function readSign(reading: Reading, { line, at }: { readonly line: string; readonly at: number }): number {
  const sign = line.charAt(at);
  const rest = line.slice(at + 1);
  const { quote } = reading;
  if (quote === "" && /\s/.test(sign)) {
    endWord(reading, at + 1);
  } else if (sign === quote) {
    reading.quote = "";
  } else if (quote !== "'" && sign === "\\" && rest !== "") {
    return readEscaped(reading, rest.charAt(0));
  } else if (quote !== "'" && sign === "$") {
    return readVariable(reading, rest);
  } else if (quote === "" && (sign === "'" || sign === '"')) {
    reading.quote = sign;
    reading.from = at + 1;
    add(reading, "");
  } else if (quote === "" && sign === "~" && reading.word === undefined && /^(?:\/|$)/.test(rest)) {
    add(reading, process.env["HOME"] ?? sign);
  } else {
    add(reading, sign);
    if (quote === "" && BREAKS.test(sign)) reading.from = at + 1;
  }
  return 0;
}

function readEscaped(reading: Reading, sign: string): number {
  const isKept = reading.quote === '"' && !/["\\$`]/.test(sign);
  add(reading, isKept ? `\\${sign}` : sign);
  return 1;
}

function readVariable(reading: Reading, rest: string): number {
  const [all, braced, plain] = /^(?:\{(\w+)\}|([A-Za-z_]\w*))/.exec(rest) ?? [];
  add(reading, all === undefined ? "$" : process.env[braced ?? plain ?? ""] ?? "");
  return all?.length ?? 0;
}

function add(reading: Reading, text: string): void {
  reading.word = (reading.word ?? "") + text;
}

function endWord(reading: Reading, from: number): void {
  if (reading.word !== undefined) reading.words.push(reading.word);
  reading.word = undefined;
  reading.from = from;
}

/** A word as bash inserts it at the cursor: as it is begun, and the rest of it quoted. */
export function quoteForBash(word: string, { words, written, quote }: ShellLine): string {
  const rest = word.slice(words.at(-1)?.length ?? 0);
  if (quote === "'") return written + rest.replaceAll("'", "'\\''");
  if (quote === '"') return written + rest.replace(/["\\$`!]/g, "\\$&");
  return written + rest.replace(/[^\w@%+=:,./^~\u0080-\uffff-]/g, "\\$&");
}
