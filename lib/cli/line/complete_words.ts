/**
 * What may stand where the cursor is on the command line: the scripts of all shells ask for it, so that each command, option
 * and actor is known in one place.
 */
import { type CommandName, COMMANDS, OPTIONS } from "./read_arguments.ts";

export interface Completion {
  /** Words that begin as the last one does. One that ends in `=` is to be written on. */
  readonly words: readonly string[];
  /** True where the name of a file may stand, too. */
  readonly takesFile: boolean;
  /** What of the last word stands before the name of the file: `--db=`. */
  readonly before: string;
}

/** What may be named of a flow. */
export interface FlowNames {
  readonly actors: readonly string[];
  /** `count[a.log]`, of actors with "each". */
  readonly instances: readonly string[];
  /** With their values, where only some are possible. */
  readonly params: ReadonlyMap<string, readonly string[]>;
  readonly inputs: readonly string[];
}

/** Values of options that have only some. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  start: ["eager", "lazy"],
  format: ["mermaid", "dot", "svg"],
  until: ["signal", "end"],
  "log-format": ["text", "json"],
};

const FILES = ["db", "save-state", "load-state", "events", "env-file", "cwd", "log"];
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
  "messages",
  "init",
  "import",
  "inspect",
];
const TAKES_ACTORS: readonly CommandName[] = ["run", "watch", "messages"];
/** So many instances are shown; who wants another one writes more of its name. */
const INSTANCES_SHOWN_MAX = 1000;

/** `words` are those behind the program's name, the last one as far as it is written. */
export async function completeWords(
  words: readonly string[],
  /** What may be named of a flow; undefined: of the one in this folder. */
  listNames: (flow: string | undefined) => Promise<FlowNames>,
): Promise<Completion> {
  const current = words.at(-1) ?? "";
  const { command, isNamed, positionals, waiting } = readBefore(words.slice(0, -1));
  const beginning = (all: readonly string[]): readonly string[] =>
    all.filter((word) => word.startsWith(current));
  const attached = /^--([^=]+)=/.exec(current);
  if (waiting !== undefined || attached !== null) {
    const before = attached?.[0] ?? "";
    const option = waiting ?? attached?.[1] ?? "";
    const value = await completeValue({
      option,
      current: current.slice(before.length),
      names: () => listNames(positionals[0]),
    });
    const all = value.words.map((word) => before + word);
    return { ...value, words: beginning(all), before: value.takesFile ? before + value.before : "" };
  }
  if (current.startsWith("-")) {
    const options = Object.keys(OPTIONS[command]).filter((name) => name.length > 1).map((name) =>
      `--${name}`
    );
    return { words: beginning(options), takesFile: false, before: "" };
  }
  const [flow] = positionals;
  if (flow !== undefined) {
    const names = TAKES_ACTORS.includes(command) ? actorsIn(await listNames(flow), current) : [];
    return { words: beginning(names), takesFile: false, before: "" };
  }
  const first = isNamed ? FIRST[command] ?? [] : [...COMMANDS, "help"];
  return { words: beginning(first), takesFile: TAKES_FILE.includes(command), before: "" };
}

interface Value {
  readonly option: string;
  /** As far as it is written. */
  readonly current: string;
  readonly names: () => Promise<FlowNames>;
}

async function completeValue({ option, current, names }: Value): Promise<Completion> {
  if (ACTORS.includes(option)) {
    return { words: actorsIn(await names(), current), takesFile: false, before: "" };
  }
  if (option === "set") {
    const { params } = await names();
    const [name = "", value] = current.split("=");
    const words = value === undefined
      ? [...params.keys()].map((param) => `${param}=`)
      : (params.get(name) ?? []).map((choice) => `${name}=${choice}`);
    return { words, takesFile: false, before: "" };
  }
  if (option === "in") {
    const before = /^[^=]*=/.exec(current)?.[0];
    if (before !== undefined) return { words: [], takesFile: true, before };
    return { words: (await names()).inputs.map((input) => `${input}=`), takesFile: false, before: "" };
  }
  return { words: VALUES[option] ?? [], takesFile: FILES.includes(option), before: "" };
}

/** Instances where one has been begun: there may be thousands. */
function actorsIn({ actors, instances }: FlowNames, current: string): readonly string[] {
  if (!current.includes("[")) return actors;
  return instances.filter((name) => name.startsWith(current)).slice(0, INSTANCES_SHOWN_MAX);
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
