/** Command lines that nobody should type, in a folder with all kinds of files, and what the program answers. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { COMMANDS, OPTIONS, readArguments } from "../../lib/cli/line/read_arguments.ts";
import { UsageError } from "../../lib/cli/line/usage_error.ts";
import { makeRandom, type Random } from "../random/prng.ts";
import { ODD_NAMES } from "./odd_values.ts";

const root = resolve(import.meta.dirname, "../..");
const bin = join(root, "node_modules", ".bin");

export const RUNTIMES = [
  { name: "node", command: [join(bin, "node"), "--", join(root, "mod.ts")] }, // Else Node takes --env-file for itself.
  { name: "deno", command: [join(bin, "deno"), "run", "-A", join(root, "mod.ts")] },
  { name: "bun", command: [join(bin, "bun"), join(root, "mod.ts")] },
] as const;

/** Nothing that is started here lasts; what takes longer hangs. */
const HANG_MS = 120_000;

/** What `watch` never ends by itself is ended so, and must then end: after some seconds in which it reads and runs. */
const END_WATCH = ["timeout", "--preserve-status", "--kill-after=100", "5"];
const ENDED_WATCH = 128 + constants.signals.SIGTERM;

const FLOWS = [
  "good.json",
  "good.json",
  "good.json",
  "fails.json",
  "bad.json",
  "cut.json",
  "empty.json",
  "-",
];
const FILES = [
  ...FLOWS,
  "folder",
  "absent.json",
  "closed.json",
  "binary.db",
  "folder/new.db",
  "none/new.db",
  "/dev/null",
];
const ACTORS = ["start", "middle", "end", "middle.stdout", "strat"];
const VALUES = [
  ...[
    "0",
    "1",
    "2",
    "-1",
    "1.5",
    "1e3",
    "0x10",
    "9".repeat(30),
    " 1",
    "eager",
    "lazy",
    "signal",
    "end",
    "svg",
    "dot",
  ],
  ...[
    "word=x",
    "word",
    "=x",
    "word=",
    "__proto__=x",
    "none=1",
    "1GiB",
    "12h",
    "0s",
    "list",
    "trim",
    "true",
    "v".repeat(100_000),
  ],
  ...ODD_NAMES.filter((name) => !name.includes("\0")), // The system takes no NUL.
];

/** The same seed gives the same words. */
export function makeWords(seed: number): readonly string[] {
  const random = makeRandom(seed, "command line");
  const command = random.pick(COMMANDS);
  const known = Object.keys(OPTIONS[command as keyof typeof OPTIONS]);
  const any = Object.values(OPTIONS).flatMap((options) => Object.keys(options));
  const words = [
    ...(random.chance(0.8) ? [random.chance(0.95) ? command : `${command}x`] : []),
    ...(random.chance(0.9) ? [random.pick(random.chance(0.6) ? FLOWS : FILES)] : []),
    ...(random.chance(0.2) ? [random.pick(random.chance(0.7) ? ACTORS : VALUES)] : []),
  ];
  const options = random.weighted([[1, 0], [4, 1], [3, 2], [1, 5]]);
  for (let option = 0; option < options; option++) {
    const name = random.chance(0.9) ? random.pick(known) : random.pick(random.chance(0.5) ? any : VALUES);
    words.splice(random.int(0, words.length), 0, ...makeOption(name, random));
  }
  return words;
}

function makeOption(name: string, random: Random): string[] {
  const value = random.pick(random.pick([FILES, ACTORS, VALUES]));
  return random.weighted([
    [5, [`--${name}`, value]],
    [3, [`--${name}=${value}`]],
    [3, [`--${name}`]],
    [1, [`--${name}=`]],
    [1, [`--${name}`, ""]],
    [1, [`--no-${name}`]],
    [1, [`-${name.slice(0, 1)}`]],
    [1, ["--", `--${name}`]],
    [1, [`--${name}`, value, `--${name}`, value]],
  ]);
}

/** Only reads the words, in this process; the answer is what is wrong with that. */
export function readWords(words: readonly string[]): readonly string[] {
  try {
    readArguments(words);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) {
      return [`it throws: ${error instanceof Error ? error.stack : String(error)}`];
    }
    return /"|-/.test(error.message) ? [] : [`it does not say what is wrong: ${error.message}`];
  }
}

/** Runs the program; the answer is what is wrong with its end. */
export function runWords(words: readonly string[], runtime: typeof RUNTIMES[number]): readonly string[] {
  const folder = makeFiles();
  try {
    const started = join(folder, "started");
    const isWatch = words.includes("watch");
    const [file = "", ...before] = isWatch ? [...END_WATCH, ...runtime.command] : runtime.command;
    const { NO_COLOR: _, FORCE_COLOR: __, GITHUB_ACTIONS: ___, ...inherited } = process.env;
    const { status, signal, stdout, stderr: said, error } = spawnSync(file, [...before, ...words], {
      cwd: folder,
      env: { ...inherited, FUZZ_STARTED: started, SLUICE_CACHE: join(folder, "cache"), TMPDIR: folder },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: HANG_MS,
      killSignal: "SIGKILL",
    });
    const stderr = said.replace(/^(?:failed|stopped) in .*\n$/m, ""); // It is there in any case.
    if (error !== undefined) return [`it hangs, or cannot be started: ${error.message}`];
    const isRefused = status === 2;
    return [
      ...(isOrderly(status, isWatch) ? [] : [`it ends with ${status ?? signal}`]),
      ...(isRefused && existsSync(started) ? ["it ends with 2, and something was started"] : []),
      ...(isRefused && stdout !== ""
        ? [`it ends with 2, and writes ${JSON.stringify(stdout.slice(0, 200))}`]
        : []),
      ...(isRefused && !/["-]|actors|Usage/.test(stderr)
        ? ["it ends with 2, and does not say what is wrong"]
        : []),
      ...(status !== 0 && status !== ENDED_WATCH && stderr === "" && !words.includes("--events")
        ? ["it fails without a word"]
        : []),
      ...(/internal error|^ +at .*:\d+:\d+\)?$/m.test(stderr) ? ["it shows its inside"] : []),
    ].map((problem) => `${problem}\n${stderr.slice(0, 2_000)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isOrderly(status: number | null, isWatch: boolean): boolean {
  return status !== null && (status <= 4 || (isWatch && status === ENDED_WATCH));
}

function makeFiles(): string {
  const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-"));
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  const flow = (end: string) => ({
    params: { word: { default: "w" } },
    actors: {
      start: { sh: 'touch "$FUZZ_STARTED"; seq 3' },
      middle: { run: ["grep", "-v", "{param.word}"], in: "start" },
      end: { sh: end, in: "middle" },
    },
  });
  write("good.json", JSON.stringify(flow("cat")));
  write("fails.json", JSON.stringify(flow("cat; exit 3")));
  write(
    "bad.json",
    JSON.stringify({ actors: { ...flow("cat").actors, more: { rnu: ["cat"], in: "none" } } }),
  );
  write("cut.json", JSON.stringify(flow("cat")).slice(0, 80));
  write("closed.json", JSON.stringify(flow("cat")));
  write("empty.json", "");
  write("binary.db", Uint8Array.from({ length: 5_000 }, (_, at) => (at * 7_919) % 256));
  chmodSync(join(folder, "closed.json"), 0);
  mkdirSync(join(folder, "folder"));
  return folder;
}
