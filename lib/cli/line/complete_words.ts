/**
 * What may stand where the cursor is on the command line: the scripts of all shells ask for it, so that each command, option
 * and actor is known in one place.
 */
import { type CommandName, COMMANDS, OPTIONS } from "./read_arguments.ts";

export interface Completion {
  /** Words that begin as the last one does. */
  readonly words: readonly string[];
  /** True where the name of a file may stand, too. */
  readonly takesFile: boolean;
}

/** Values of options that have only some. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  start: ["eager", "lazy"],
  format: ["mermaid", "dot", "svg"],
  until: ["signal", "end"],
};

const FILES = ["db", "save-state", "load-state", "events", "env-file", "cwd"];
const ACTORS = ["stop-before", "stop-after"];

/** First words of commands that have some, and those whose word is a file. */
const FIRST: Partial<Record<CommandName, readonly string[]>> = {
  cache: ["list", "trim", "clear"],
  completion: ["bash", "zsh", "fish"],
};
const TAKES_FILE: readonly CommandName[] = [
  "run",
  "watch",
  "check",
  "tree",
  "graph",
  "init",
  "import",
  "inspect",
];
const TAKES_ACTORS: readonly CommandName[] = ["run", "watch"];

/** `words` are those behind the program's name, the last one as far as it is written. */
export async function completeWords(
  words: readonly string[],
  /** The names of the actors of a flow; undefined: of the one in this folder. */
  listActors: (flow: string | undefined) => Promise<readonly string[]>,
): Promise<Completion> {
  const current = words.at(-1) ?? "";
  const { command, isNamed, positionals, waiting } = readBefore(words.slice(0, -1));
  const beginning = (all: readonly string[]): readonly string[] =>
    all.filter((word) => word.startsWith(current));
  if (waiting !== undefined) {
    const values = ACTORS.includes(waiting) ? await listActors(positionals[0]) : VALUES[waiting] ?? [];
    return { words: beginning(values), takesFile: FILES.includes(waiting) };
  }
  if (current.startsWith("-") && current !== "-") {
    const options = Object.keys(OPTIONS[command]).map((name) => `--${name}`);
    return { words: beginning(options), takesFile: false };
  }
  const [flow] = positionals;
  if (flow !== undefined) {
    const names = TAKES_ACTORS.includes(command) ? await listActors(flow) : [];
    return { words: beginning(names), takesFile: false };
  }
  const first = isNamed ? FIRST[command] ?? [] : [...COMMANDS, "help"];
  return { words: beginning(first), takesFile: TAKES_FILE.includes(command) };
}

interface Before {
  readonly command: CommandName;
  /** False when nothing says yet what is to be done. */
  readonly isNamed: boolean;
  /** What is no option, behind the command. */
  readonly positionals: readonly string[];
  /** The option whose value comes next. */
  readonly waiting: string | undefined;
}

function readBefore(words: readonly string[]): Before {
  const found = words.find((word) => !word.startsWith("-"));
  const isNamed = found !== undefined && isCommand(found);
  const command = isNamed ? found : "run";
  const positionals: string[] = [];
  let waiting: string | undefined;
  let isBefore = isNamed;
  for (const word of words) {
    if (waiting !== undefined) waiting = undefined;
    else if (word.startsWith("-") && word !== "-") waiting = takenBy(word, command);
    else if (isBefore && word === command) isBefore = false;
    else positionals.push(word);
  }
  return { command, isNamed, positionals, waiting };
}

/** The option, when its value is the next word. */
function takenBy(word: string, command: CommandName): string | undefined {
  const table: Readonly<Record<string, { readonly type: string; readonly short?: string }>> =
    OPTIONS[command];
  if (word.includes("=")) return undefined;
  const found = Object.entries(table).find(([name, { short }]) =>
    word === `--${name}` || word === `-${short}`
  );
  return found?.[1].type === "string" ? found[0] : undefined;
}

function isCommand(word: string): word is CommandName {
  return COMMANDS.includes(word);
}
