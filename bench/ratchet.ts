/**
 * Has anything become slower? `npm run bench:ratchet`: one quick case of each kind beside a peer, interleaved, on the
 * three runtimes, and the pieces that decide; compared with the best ratios so far (`bench/ratchet.json`). Prints what
 * is worse by more than its tolerance, and fails then. `--update` keeps ratios that are better, `--set` all as they are;
 * `--rounds N`, `--only NAME` for a closer look. Less time is better, and so is a lower ratio.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { engines, folder, root } from "./harness.ts";
import { runMicro } from "./micro.ts";
import { type Case, listQuickCases, RUNTIMES } from "./cases.ts";
import { timeCommand } from "./timed.ts";

interface Held {
  /** The best ratio so far, by name and runtime: `chain of 4, deno`. */
  readonly ratios: Readonly<Record<string, number>>;
  /** How much worse it may be: 0.2 is a fifth. */
  readonly tolerance: number;
  /** Where it is another one: what is over in some milliseconds varies more. */
  readonly tolerances: Readonly<Record<string, number>>;
  /** Where they come from. */
  readonly measured: string;
}

interface Measured {
  readonly name: string;
  readonly against: string;
  readonly ratio: number;
  readonly problem?: string;
}

const MICRO_MS = 300;
const TIMEOUT_MS = 60_000;
const FILE = join(root, "bench", "ratchet.json");

const { values } = parseArgs({
  options: {
    update: { type: "boolean", default: false },
    set: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    only: { type: "string" },
  },
});
const held: Held = JSON.parse(readFileSync(FILE, "utf8"));
const loadBefore = loadOf();
const measured = [
  ...await measureCases(Number(values.rounds)),
  ...values.only === undefined ? await measureMicro() : [],
];
const worse = measured.filter(isWorse);
print();
if (values.update || values.set) keep();
process.exit(worse.length > 0 && !values.set ? 1 : 0);

/** Every command of a case is run once in each round, so that all see the same machine; the least time counts. */
async function measureCases(rounds: number): Promise<readonly Measured[]> {
  const cases = listQuickCases().filter(({ name }) =>
    values.only === undefined || name.includes(values.only)
  );
  const found: Measured[] = [];
  for (const one of cases) {
    const took = new Map<string, number>();
    let problem: string | undefined;
    for (let round = 0; round < rounds; round++) {
      for (const [label, command] of commandsOf(one)) {
        const { ms, wrong } = await run(command);
        problem ??= wrong;
        took.set(label, Math.min(ms, took.get(label) ?? Infinity));
      }
    }
    found.push(...RUNTIMES.map((runtime): Measured => ({
      name: `${one.name}, ${runtime}`,
      against: one.against,
      ratio: (took.get(runtime) ?? Number.NaN) / (took.get(peerOf(one, runtime)) ?? Number.NaN),
      ...problem === undefined ? {} : { problem },
    })));
  }
  return found;
}

/** A peer of all runtimes is run once. */
function commandsOf(one: Case): ReadonlyMap<string, readonly string[]> {
  const commands = new Map<string, readonly string[]>();
  for (const [at, runtime] of RUNTIMES.entries()) {
    commands.set(peerOf(one, runtime), one.peer[runtime]);
    commands.set(runtime, [...engines[at]?.command ?? [], ...one.args]);
  }
  return commands;
}

function peerOf({ peer }: Case, runtime: typeof RUNTIMES[number]): string {
  return `peer: ${peer[runtime].join(" ")}`;
}

async function run(command: readonly string[]): Promise<{ readonly ms: number; readonly wrong?: string }> {
  const { ms, problem } = await timeCommand(command, { cwd: folder, timeoutMs: TIMEOUT_MS });
  return problem === undefined ? { ms } : { ms, wrong: `${command.slice(0, 3).join(" ")}…: ${problem}` };
}

async function measureMicro(): Promise<readonly Measured[]> {
  return (await runMicro(MICRO_MS)).map(({ name, ...rest }) => ({ name: `${name} (inside)`, ...rest }));
}

function isWorse({ name, ratio, problem }: Measured): boolean {
  const best = held.ratios[name];
  if (problem !== undefined || Number.isNaN(ratio)) return true;
  return best !== undefined &&
    ratio > best * (1 + (held.tolerances[name.split(",")[0] ?? ""] ?? held.tolerance));
}

function print(): void {
  console.log(`${loadBefore} before, ${loadOf()} after; held since: ${held.measured}\n`);
  console.log("| case | against | ratio of time | best so far | |");
  console.log("|---|---|---|---|---|");
  for (const one of measured) {
    const { name, against, ratio, problem } = one;
    const best = held.ratios[name];
    const what = problem ??
      (isWorse(one) ? "worse" : best !== undefined && ratio < best * 0.95 ? "better" : "");
    console.log(`| ${name} | ${against} | ${ratio.toFixed(2)} | ${best?.toFixed(2) ?? "-"} | ${what} |`);
  }
  if (worse.length > 0) {
    console.log(`\n${worse.length} are worse: ${worse.map(({ name }) => name).join("; ")}`);
  }
}

function keep(): void {
  const ratios = Object.fromEntries(
    measured.filter(({ problem }) => problem === undefined).map(({ name, ratio }) => {
      const rounded = Math.round(ratio * 1000) / 1000;
      return [name, values.set ? rounded : Math.min(rounded, held.ratios[name] ?? Infinity)];
    }),
  );
  const commit = execFileSync("git", ["-C", root, "rev-parse", "--short", "HEAD"], { encoding: "utf8" })
    .trim();
  const where = `${new Date().toISOString().slice(0, 10)}, ${commit}, ${
    cpus()[0]?.model.trim()
  }, ${loadBefore}`;
  const next: Held = { ...held, ratios: { ...held.ratios, ...ratios }, measured: where };
  writeFileSync(FILE, `${JSON.stringify(next, null, 2)}\n`);
}

function loadOf(): string {
  return `load ${readFileSync("/proc/loadavg", "utf8").split(" ")[0]}`;
}
