/**
 * One call as strace writes it, taken apart: `openat(AT_FDCWD</home>, "a\303\251", O_RDONLY) = 3</home/a\303\251>`.
 */

export interface TracedArgument {
  /** As it is written. */
  readonly source: string;
  /** What a quoted text says; undefined for anything else. */
  readonly text: string | undefined;
  /** Where a descriptor is: the path behind its number. */
  readonly at: string | undefined;
}

export interface TracedCall {
  readonly name: string;
  readonly args: readonly TracedArgument[];
  readonly result: number;
  /** Where the descriptor is that it gave. */
  readonly at: string | undefined;
  /** `ENOENT`, when it failed. */
  readonly errno: string | undefined;
}

/** Undefined when it is no call; one whose end was not seen has failed with "?". */
export function parseCall(line: string): TracedCall | undefined {
  const name = /^\w+(?=\()/.exec(line)?.[0];
  if (name === undefined) return undefined;
  const { parts, end } = split(line, name.length + 1);
  const after = line.slice(end + 1).trim();
  const value = /^= (-?\d+|0x[0-9a-f]+|\?)(?:<((?:[^>\\]|\\.)*)>)?(?:\S*)(?: (E[A-Z0-9]+))?/.exec(after);
  if (value === null) return undefined;
  const [, result = "?", at, errno] = value;
  return {
    name,
    args: parts.map(toArgument),
    result: result === "?" ? -1 : Number(result),
    at: at === undefined ? undefined : unescape(at),
    errno: result === "?" ? "?" : errno ?? (result === "-1" ? "?" : undefined),
  };
}

/** Cuts at the commas that are in no quotes and in no brackets, up to the closing one. */
function split(line: string, from: number): { readonly parts: readonly string[]; readonly end: number } {
  const parts: string[] = [];
  let depth = 0;
  let begin = from;
  let at = from;
  for (; at < line.length; at++) {
    const char = line[at];
    if (char === '"') at = skip(line, { at, close: '"' });
    else if (char === "<" && line[at - 1] !== " ") at = skip(line, { at, close: ">" });
    else if (char === "(" || char === "[" || char === "{") depth += 1;
    else if (char === ")" && depth === 0) break;
    else if (char === ")" || char === "]" || char === "}") depth -= 1;
    else if (char === "," && depth === 0) {
      parts.push(line.slice(begin, at).trim());
      begin = at + 1;
    }
  }
  if (begin < at) parts.push(line.slice(begin, at).trim());
  return { parts, end: at };
}

/** The place of the closing character; what stands behind a `\` does not count. */
function skip(line: string, { at, close }: { readonly at: number; readonly close: string }): number {
  let end = at + 1;
  while (end < line.length && line[end] !== close) end += line[end] === "\\" ? 2 : 1;
  return end;
}

function toArgument(source: string): TracedArgument {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(source)?.[1];
  const at = /^\S+?<((?:[^>\\]|\\.)*)>/s.exec(source)?.[1];
  return {
    source,
    text: quoted === undefined ? undefined : unescape(quoted),
    at: at === undefined ? undefined : unescape(at),
  };
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  v: "\v",
  f: "\f",
  a: "\x07",
  b: "\b",
};

/** As in C: `\n`, `\303`, `\"`. What is no UTF-8 then has U+FFFD in it. */
export function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes = text.replace(
    /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|(.))/gs,
    (_, octal?: string, hex?: string, char = "") => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return ESCAPES[String(char)] ?? String(char);
    },
  );
  return new TextDecoder().decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
}
