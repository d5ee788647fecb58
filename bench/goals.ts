/**
 * Is every goal of speed met? `npm run bench:goals [-- --quick] [--only NAME] [--write]`: all of them from one run, each
 * beside its peer in interleaved rounds, on the three runtimes. Told is the ratio of the least times, and in brackets that
 * of processor time, which counts less of what others do. `--quick` looks only whether all goes; `--write` puts the
 * table into `bench/README.md`.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { type Runtime, RUNTIMES } from "./cases.ts";
import { type Figure, type Goal, type Least, listTrials, type Trial } from "./goal_list.ts";
import { folder, root } from "./harness.ts";
import { readFigures, withPort } from "./message_cases.ts";
import { timeCommand, type Timed } from "./timed.ts";

const FILE = join(root, "bench", "README.md");
const BEGIN = "<!-- goals: written by npm run bench:goals -- --write -->";
const END = "<!-- goals: end -->";
const QUICK = 1 / 32;
const TIMEOUT_MS = 180_000;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
if (values.write && (values.quick || values.only !== undefined)) {
  console.error("Cannot write a part: --write goes neither with --quick nor with --only");
  process.exit(2);
}
const loadBefore = loadOf();
const begun = performance.now();
const rows: string[] = [];
let missed = 0;
for (const trial of listTrials(values.quick ? QUICK : 1)) {
  if (values.only === undefined || trial.name.includes(values.only)) rows.push(...await tell(trial));
}
const table = [
  `${new Date().toISOString().slice(0, 10)}, ${commitOf()}; ${
    cpus()[0]?.model.trim()
  }, ${cpus().length} cores;`,
  `load ${loadBefore} before, ${loadOf()} after; ${Math.round((performance.now() - begun) / 60_000)} minutes${
    values.quick ? "; quick, so of no worth" : ""
  }. The least of interleaved rounds,`,
  "start included; in brackets the ratio of processor time.",
  "",
  "| goal | held | Deno | Bun | Node | met |",
  "|---|---|---|---|---|---|",
  ...rows,
].join("\n");
console.log(`\n${table}\n\n${missed} of the figures do not hold.`);
if (values.write) write(table);

async function tell(trial: Trial): Promise<readonly string[]> {
  process.stderr.write(`${trial.name} …\n`);
  const rounds = new Map<string, Timed[]>([...trial.commands.keys()].map((label) => [label, []]));
  for (let round = 0; round < trial.rounds; round++) {
    for (const [label, command] of trial.commands) {
      const took = await timeCommand(withPort(command), {
        cwd: folder,
        timeoutMs: TIMEOUT_MS,
        keepsOutput: trial.printsFigures === true,
      });
      if (took.problem !== undefined) process.stderr.write(`  ${label}: ${took.problem}\n`);
      rounds.get(label)?.push(took);
    }
  }
  return trial.goals.map((goal) => rowOf(goal, (label) => leastOf(rounds.get(label) ?? [])));
}

/** Rounds that went wrong do not count; where all did, nothing is known. */
function leastOf(all: readonly Timed[]): Least {
  const good = all.filter(({ problem }) => problem === undefined);
  const least = (of: (one: Timed) => number): number =>
    good.length === 0 ? Number.NaN : Math.min(...good.map(of));
  return {
    ms: least(({ ms }) => ms),
    processorMs: least(({ processorMs }) => processorMs),
    peakBytes: least(({ peakBytes }) => peakBytes),
    figures: good.flatMap(({ stdout }) => readFigures(stdout)),
  };
}

function rowOf(goal: Goal, results: (label: string) => Least): string {
  const cells = RUNTIMES.map((runtime) => {
    const figure = Number.isNaN(goal.limit[runtime]) ? undefined : goal.of(results, runtime);
    return { figure, isMet: figure === undefined || isMet(goal, runtime, figure) };
  });
  missed += cells.filter((cell) => !cell.isMet).length;
  const limits = [...new Set(RUNTIMES.map((runtime) => goal.limit[runtime]))].filter((one) =>
    !Number.isNaN(one)
  );
  const isTold = limits.every((limit) => limit === 0 || limit === Infinity);
  const held = isTold
    ? ""
    : `${goal.isMoreBetter === true ? "≥" : "≤"} ${limits.map(show).join(", ")} ${goal.unit ?? ""}`.trim();
  const names = RUNTIMES.filter((_, at) => cells[at]?.isMet === false);
  const met = isTold
    ? "told"
    : names.length === 0
    ? "yes"
    : names.length === 3
    ? "no"
    : `not on ${names.join(", ")}`;
  return `| ${
    [goal.name.replaceAll("|", "\\|"), held, ...cells.map(({ figure }) => showFigure(figure)), met].join(
      " | ",
    )
  } |`;
}

function isMet({ limit, isMoreBetter }: Goal, runtime: Runtime, { value }: Figure): boolean {
  return isMoreBetter === true ? value >= limit[runtime] : value <= limit[runtime];
}

function showFigure(figure: Figure | undefined): string {
  if (figure === undefined) return "";
  if (Number.isNaN(figure.value)) return "fails";
  return figure.processor === undefined
    ? show(figure.value)
    : `${show(figure.value)} (${show(figure.processor)})`;
}

function show(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : String(Math.round(value * 100) / 100);
}

function write(table: string): void {
  const text = readFileSync(FILE, "utf8");
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`Cannot write the goals: ${FILE} has no "${BEGIN}" … "${END}"`);
  writeFileSync(FILE, `${text.slice(0, from)}${BEGIN}\n\n${table}\n\n${text.slice(to)}`);
  execFileSync(join(root, "node_modules", ".bin", "deno"), ["fmt", "--quiet", FILE], { cwd: root });
}

function commitOf(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", root, ...args], { encoding: "utf8" }).trim();
  return `${git("rev-parse", "--short", "HEAD")}${
    git("status", "--porcelain") === "" ? "" : " with changes"
  }`;
}

function loadOf(): string {
  return readFileSync("/proc/loadavg", "utf8").split(" ")[0] ?? "";
}
