/**
 * The command line as data. Parsing is done by the runtime's `parseArgs`; here are the options of each command and
 * what may not stand together.
 */
import type { ParseArgsConfig } from "node:util";
import { resolve } from "node:path";
import process from "node:process";
import { editDistance } from "../../core/edit_distance.ts";
import { PROCESSES_MAX } from "../../core/limits/flow.ts";
import type { Selection } from "../../core/plan.ts";
import { UsageError } from "./usage_error.ts";

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean" } as const;

const COMMON = { help: { ...FLAG, short: "h" }, "no-color": FLAG } as const;
const TEXTS = { ...TEXT, multiple: true } as const;
const FLOW_OPTIONS = { ...COMMON, set: TEXTS, in: TEXTS, "env-file": TEXT, cwd: TEXT, expand: FLAG } as const;
const SELECTION = { "stop-before": TEXT, "stop-after": TEXT, "one-step": FLAG } as const;
const PLANNING = { start: TEXT, processes: { ...TEXT, short: "j" } } as const;

export const OPTIONS = {
  run: {
    ...FLOW_OPTIONS,
    ...SELECTION,
    ...PLANNING,
    db: TEXT,
    "save-state": TEXT,
    "load-state": TEXT,
    resume: FLAG,
    "no-cache": FLAG,
    "keep-going": FLAG,
    events: TEXT,
    log: TEXT,
    "log-format": TEXT,
    "log-size": TEXT,
    otlp: TEXT,
    "check-messages": FLAG,
    ui: TEXT,
    "ui-control": FLAG,
    "ui-stay": FLAG,
    report: TEXT,
    until: TEXT,
    endpoint: TEXT,
    "dry-run": FLAG,
    quiet: { ...FLAG, short: "q" },
    json: FLAG,
  },
  watch: {
    ...FLOW_OPTIONS,
    ...SELECTION,
    ...PLANNING,
    db: TEXT,
    "no-cache": FLAG,
    "keep-going": FLAG,
    "check-messages": FLAG,
    quiet: { ...FLAG, short: "q" },
    json: FLAG,
  },
  check: { ...FLOW_OPTIONS, ...PLANNING, json: FLAG },
  tree: { ...FLOW_OPTIONS, db: TEXT },
  graph: { ...FLOW_OPTIONS, format: TEXT, db: TEXT },
  messages: { ...FLOW_OPTIONS, json: FLAG },
  schema: COMMON,
  init: COMMON,
  import: { ...COMMON, c: { ...TEXT, short: "c" } },
  inspect: { ...COMMON, expand: FLAG, run: TEXT, diff: TEXT, json: FLAG },
  ui: { ...COMMON, listen: TEXT, report: TEXT },
  completion: COMMON,
  cache: { ...COMMON, max: TEXT, unused: TEXT, json: FLAG },
} as const;

export type CommandName = keyof typeof OPTIONS;

export const COMMANDS: readonly string[] = Object.keys(OPTIONS);

/** The options as given; which of them are there depends on the command. */
export interface GivenOptions {
  readonly help?: boolean;
  readonly "no-color"?: boolean;
  readonly set?: readonly string[];
  readonly in?: readonly string[];
  readonly "env-file"?: string;
  readonly cwd?: string;
  readonly expand?: boolean;
  readonly "stop-before"?: string;
  readonly "stop-after"?: string;
  readonly "one-step"?: boolean;
  readonly start?: string;
  readonly processes?: string;
  readonly db?: string;
  readonly "save-state"?: string;
  readonly "load-state"?: string;
  readonly resume?: boolean;
  readonly "no-cache"?: boolean;
  readonly "keep-going"?: boolean;
  readonly events?: string;
  readonly log?: string;
  readonly "log-format"?: string;
  readonly "log-size"?: string;
  readonly otlp?: string;
  readonly "check-messages"?: boolean;
  readonly ui?: string;
  readonly "ui-control"?: boolean;
  readonly "ui-stay"?: boolean;
  readonly report?: string;
  readonly listen?: string;
  readonly until?: string;
  readonly endpoint?: string;
  readonly "dry-run"?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  readonly format?: string;
  readonly run?: string;
  readonly diff?: string;
  readonly max?: string;
  readonly unused?: string;
  readonly c?: string;
}

export interface Arguments {
  readonly command: CommandName;
  readonly words: readonly string[];
  readonly options: GivenOptions;
}

/** Throws a UsageError. A first word that is no command is a flow to run. */
export function readArguments(argv: readonly string[]): Arguments {
  const at = argv.findIndex((word) => !isOption(word));
  const first = argv[at];
  const command = isCommand(first) ? first : "run";
  const rest = isCommand(first) ? argv.filter((_, index) => index !== at) : argv;
  const given = parseWords(command, rest);
  refuseMore(given);
  refuseEmpty(given);
  return given;
}

function parseWords(command: CommandName, argv: readonly string[]): Arguments {
  if (!argv.some(isOption)) return { command, words: argv, options: {} };
  // Loading it takes longer than most that a run is asked for.
  const { parseArgs } = process.getBuiltinModule("node:util");
  try {
    const table: ParseArgsConfig["options"] = OPTIONS[command];
    const { values, positionals } = parseArgs({
      args: withAddress(argv),
      options: table,
      allowPositionals: true,
    });
    // parseArgs has held every value against the table, which GivenOptions repeats.
    return { command, words: positionals, options: values as GivenOptions };
  } catch (error) {
    throw new UsageError(explain(error, { command, argv }));
  }
}

/** `--ui` stands alone, or before an address, which no flow is called like. */
function withAddress(argv: readonly string[]): string[] {
  const at = argv.indexOf("--ui");
  if (at === -1) return [...argv];
  const next = argv[at + 1] ?? "";
  const isAddress = /^(?:(?:\[[^\]]+\]|[\w.-]*):)?\d{1,5}$/.test(next);
  return [
    ...argv.slice(0, at),
    `--ui=${isAddress ? next : ANY_PORT}`,
    ...argv.slice(at + (isAddress ? 2 : 1)),
  ];
}

const ANY_PORT = "127.0.0.1:0";

/** A single `-` is a word: standard input. */
function isOption(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}

/** How many words a command takes; the others look at theirs themselves. */
const WORDS_MAX: Partial<Record<CommandName, number>> = {
  check: 1,
  tree: 1,
  graph: 1,
  messages: 2,
  ui: 2,
  schema: 0,
  init: 1,
};

function refuseMore({ command, words }: Arguments): void {
  const max = WORDS_MAX[command] ?? Infinity;
  if (words.length <= max) return;
  const taken = max === 0 ? "no words" : max === 1 ? "one word" : `${max} words`;
  throw new UsageError(`Cannot use "${words.slice(max).join(" ")}": ${command} takes ${taken}`);
}

/** An empty value is an unset variable in a script. */
function refuseEmpty({ options }: Arguments): void {
  const empty = Object.entries(options).find(([, value]) => value === "");
  if (empty === undefined) return;
  throw new UsageError(`Cannot use --${empty[0]}: its value is empty (expected --${empty[0]} VALUE)`);
}

function isCommand(word: string | undefined): word is CommandName {
  return word !== undefined && COMMANDS.includes(word);
}

function explain(
  error: unknown,
  { command, argv }: { readonly command: CommandName; readonly argv: readonly string[] },
): string {
  if (!(error instanceof Error)) throw error;
  const known = Object.keys(OPTIONS[command]);
  const unknown = argv.filter((word) => word.startsWith("--")).map((word) =>
    word.slice(2).split("=")[0] ?? ""
  )
    .find((name) => !known.includes(name));
  if (unknown === undefined) return error.message.split(". ")[0] ?? error.message;
  const near = known.toSorted((a, b) => editDistance(unknown, a) - editDistance(unknown, b))[0] ?? "";
  const hint = editDistance(unknown, near) <= 3
    ? `did you mean "--${near}"?`
    : `options: ${known.map((name) => `--${name}`).join(", ")}`;
  return `Unknown option "--${unknown}" for ${command} (${hint})`;
}

/** `--set NAME=VALUE`, any number of them; the last one of a name counts. */
export function readParams(sets: readonly string[] = []): Record<string, string> {
  return readPairs(sets, { verb: "set", expected: "--set NAME=VALUE" });
}

/** `--in NAME=FILE`; FILE starts at the current folder, and `-` is standard input. */
export function readInputs(inputs: readonly string[] = []): Record<string, string> {
  const pairs = Object.entries(readPairs(inputs, { verb: "give input", expected: "--in NAME=FILE" }));
  return Object.fromEntries(pairs.map(([name, file]) => {
    if (file === "") {
      throw new UsageError(`Cannot give input "${name}": its file is empty (expected --in NAME=FILE)`);
    }
    return [name, file === "-" ? file : resolve(file)];
  }));
}

function readPairs(
  pairs: readonly string[],
  { verb, expected }: { readonly verb: string; readonly expected: string },
): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) throw new UsageError(`Cannot ${verb} "${pair}": there is no "=" (expected ${expected})`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  }));
}

export function readStart(start: string | undefined): "eager" | "lazy" | undefined {
  if (start === undefined || start === "eager" || start === "lazy") return start;
  throw new UsageError(`Cannot start "${start}" (expected --start eager or --start lazy)`);
}

/** `--until signal` */
export function readUntil(until: string | undefined): "end" | "signal" {
  if (until === undefined || until === "end" || until === "signal") return until ?? "end";
  throw new UsageError(`Cannot run until "${until}" (expected --until signal or --until end)`);
}

/** `--processes N` */
export function readProcesses(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= PROCESSES_MAX) return count;
  throw new UsageError(
    `Cannot run "${text}" processes at a time (expected --processes N, from 1 to ${PROCESSES_MAX})`,
  );
}

/** Which part of the flow to run; actor names and the stop options exclude each other. */
export function readSelection(actors: readonly string[], options: GivenOptions): Selection {
  const before = options["stop-before"];
  const after = options["stop-after"];
  const chosen: { readonly by: string; readonly selection: Selection }[] = [
    ...(actors.length > 0 ? [{ by: "actor names", selection: { kind: "only", actors } as const }] : []),
    ...(before === undefined
      ? []
      : [{ by: "--stop-before", selection: { kind: "stop-before", actor: before } as const }]),
    ...(after === undefined
      ? []
      : [{ by: "--stop-after", selection: { kind: "stop-after", actor: after } as const }]),
    ...(options["one-step"] === true ? [{ by: "--one-step", selection: { kind: "one-step" } as const }] : []),
  ];
  if (chosen.length > 1) {
    throw new UsageError(
      `Cannot combine ${chosen.map(({ by }) => by).join(" and ")}: each chooses what to run (expected one)`,
    );
  }
  return chosen[0]?.selection ?? { kind: "all" };
}

/** `--db FILE`, or `--save-state FILE`, which does the same. */
export function readDatabase({ db, "save-state": state }: GivenOptions): string | undefined {
  if (db === undefined || state === undefined || db === state) return db ?? state;
  throw new UsageError(
    `Cannot capture into "${db}" and "${state}": --save-state does what --db does (expected one of them)`,
  );
}
