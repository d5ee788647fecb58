/**
 * What is known of programs that stand in scripts: whether they read standard input, whether they change anything but
 * what they write there, which exit codes are no failure. A program that is not named here may do anything.
 */

interface Filter {
  /** Words that are no files, before the files. */
  readonly operands: number;
  /** Short options that take the next word. */
  readonly valued: string;
  /** Options that stand for the operands: `grep -e PATTERN`. */
  readonly instead?: string;
}

const filter = (operands: number, valued = "", instead = ""): Filter => ({ operands, valued, instead });

/** Programs that read standard input unless files are named. */
const FILTERS: ReadonlyMap<string, Filter> = new Map(Object.entries({
  awk: filter(1, "Fvf", "f"),
  base64: filter(0, "w"),
  bc: filter(0),
  bzcat: filter(0),
  cat: filter(0),
  cksum: filter(0),
  column: filter(0, "stcnoNORT"),
  cut: filter(0, "bcdf"),
  egrep: filter(1, "efmABC", "ef"),
  expand: filter(0, "t"),
  fgrep: filter(1, "efmABC", "ef"),
  fmt: filter(0, "wpg"),
  fold: filter(0, "w"),
  gawk: filter(1, "Fvf", "f"),
  grep: filter(1, "efmABC", "ef"),
  gunzip: filter(0, "S"),
  gzip: filter(0, "S"),
  head: filter(0, "nc"),
  jq: filter(1, "fL", "f"),
  mawk: filter(1, "Fvf", "f"),
  md5sum: filter(0),
  nl: filter(0, "bdfhilnsvw"),
  od: filter(0, "AjNStw"),
  paste: filter(0, "d"),
  rev: filter(0),
  sed: filter(1, "efl", "ef"),
  sha1sum: filter(0),
  sha256sum: filter(0),
  shuf: filter(0, "no"),
  sort: filter(0, "kStToT"),
  sum: filter(0),
  tac: filter(0, "s"),
  tail: filter(0, "nc"),
  tr: filter(Infinity),
  unexpand: filter(0, "t"),
  uniq: filter(0, "fsw"),
  wc: filter(0),
  xxd: filter(0, "clsog"),
  zcat: filter(0),
  zgrep: filter(1, "efmABC", "ef"),
}));

/** Programs that read no standard input. */
const SOURCES = new Set(
  ("basename chmod comm cp curl date df diff dirname du echo env false file find git hostname id join ls mkdir mktemp " +
    "mv printf ps pwd rm rmdir seq sleep stat test touch true uname which whoami yes wget [").split(" "),
);

/** Sources that change nothing and tell always the same of the same files. */
const PURE_SOURCES = new Set("basename comm diff dirname echo false join printf seq true".split(" "));

/** They say with 1 that nothing was found, or that things differ. */
const ONE_IS_AN_ANSWER = new Set("cmp diff egrep fgrep grep zgrep".split(" "));

const NAMELESS = new Set(
  "bc column comm cut expand fmt fold join jq nl paste rev sed shuf sort tac tr unexpand uniq zcat".split(
    " ",
  ),
);
/** They tell names only when there are several files. */
const NAMELESS_ALONE = new Set("egrep fgrep grep head tail".split(" "));

/** What belongs to the shell itself, and would be gone with the process. */
const BUILTINS = new Set(
  (". : alias bg break builtin caller cd command compgen complete compopt continue declare dirs disown enable eval exec exit export fg getopts hash history jobs " +
    "let local logout mapfile popd pushd read readarray readonly return set shift shopt source suspend times trap type typeset " +
    "ulimit umask unalias unset wait").split(" "),
);

/** Whether a program with these arguments reads what stands on standard input. */
export function readsStdin(program: string, args: readonly string[]): boolean {
  const name = nameOf(program);
  if (SOURCES.has(name)) return args.includes("-");
  const known = FILTERS.get(name);
  if (known === undefined || args.includes("-")) return true;
  const { operands, hasInstead } = countOperands(args, known);
  return operands <= (hasInstead ? 0 : known.operands);
}

/** Whether it changes nothing but what it writes to standard output. */
export function isPure(program: string, args: readonly string[]): boolean {
  const name = nameOf(program);
  if (/^(?:diff|[ef]?grep)$/.test(name) && args.some((arg) => /^-\w*[rR]|^--recursive/.test(arg))) {
    return false;
  }
  if (PURE_SOURCES.has(name)) return true;
  if (!FILTERS.has(name)) return false;
  if (/awk$/.test(name)) return !args.some((arg) => /system|getline|print[^;}\n]*[|>]|-f/.test(arg));
  if (name === "sed") {
    return !args.some((arg) =>
      /^-[a-zA-Z]*i|^--in-place|^-f|(?:^|[;}\s\d/])[wWe]\s|\/[gpI\d]*[we]/.test(arg)
    );
  }
  if (/zip$/.test(name)) {
    return args.some((arg) => /^-[a-z0-9]*c|^--(?:stdout|to-stdout)$/.test(arg)) ||
      args.every((arg) => arg.startsWith("-"));
  }
  if (name === "uniq") return countOperands(args, filter(0, "fsw")).operands < 2;
  return !args.some((arg) => /^-o|^--output|^--compress-program/.test(arg));
}

/** The exit codes that are no failure. */
export function okOf(program: string): readonly number[] | undefined {
  return ONE_IS_AN_ANSWER.has(nameOf(program)) ? [0, 1] : undefined;
}

/** Whether what it writes may have the names of the files that it reads. */
export function showsNames(program: string, args: readonly string[]): boolean {
  const name = nameOf(program);
  // The command F of sed prints the name.
  if (name === "sed" && args.some((arg) => /(?:^|[;{}\s\d/$!])F\s*(?:$|[;}\n])/.test(arg))) return true;
  if (NAMELESS.has(name)) return false;
  const known = FILTERS.get(name);
  if (known === undefined || !NAMELESS_ALONE.has(name)) return true;
  const { operands, hasInstead } = countOperands(args, known);
  return operands > (hasInstead ? 1 : known.operands + 1) ||
    args.some((arg) =>
      /grep$/.test(name)
        ? /^-\w*[HlLrR]|^--(?:with-f|files-|rec|deref)/.test(arg)
        : /^-\w*v|^--verbose/.test(arg)
    );
}

/** What decides over `&&` by its exit code. */
export function isQuestion(program: string): boolean {
  return ONE_IS_AN_ANSWER.has(nameOf(program)) || /^(?:\[|test|false)$/.test(nameOf(program));
}

export function isBuiltin(program: string): boolean {
  return BUILTINS.has(program);
}

/** A program that each shell has a version of its own of. */
export function isOwn(program: string): boolean {
  return /^(?:echo|false|kill|printf|pwd|test|true|\[)$/.test(program);
}

/** Whether it is one that reads standard input where no file is named. */
export function isFilter(program: string): boolean {
  return FILTERS.has(nameOf(program));
}

function nameOf(program: string): string {
  return program.slice(program.lastIndexOf("/") + 1);
}

interface Counted {
  readonly operands: number;
  readonly hasInstead: boolean;
}

function countOperands(args: readonly string[], { valued, instead = "" }: Filter): Counted {
  let operands = 0;
  let hasInstead = false;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--") return { operands: operands + args.length - at - 1, hasInstead };
    if (!/^-./.test(arg)) {
      operands++;
      continue;
    }
    if (arg.startsWith("--")) continue;
    const takes = [...arg.slice(1)].findIndex((letter) => valued.includes(letter));
    if (takes === -1) continue;
    hasInstead ||= instead.includes(arg[takes + 1] ?? " ");
    // The value is the rest of the word, or else the next one.
    if (takes + 2 === arg.length) at++;
  }
  return { operands, hasInstead };
}
