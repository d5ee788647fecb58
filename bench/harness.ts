/**
 * Whole commands side by side: interleaved rounds, every result checked, ratios to the first row.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { timeCommand } from "./timed.ts";

export const root = resolve(import.meta.dirname, "..");
const bin = join(root, "node_modules", ".bin");

/** The program on each runtime. */
export const engines: readonly { readonly label: string; readonly command: readonly string[] }[] = [
  { label: "sluice on deno", command: [join(bin, "deno"), "run", "-A", join(root, "mod.ts")] },
  { label: "sluice on bun", command: [join(bin, "bun"), join(root, "mod.ts")] },
  { label: "sluice on node", command: [join(bin, "node"), join(root, "mod.ts")] },
];

/** A peer's script on the runtime it is made for. */
export function peer(runtime: "node" | "bun", script: string, ...args: string[]): readonly string[] {
  return [join(bin, runtime), join(root, "bench", "peers", script), ...args];
}

export interface Row {
  readonly label: string;
  readonly command: readonly string[];
  /** Text that standard output has to be, without white space around it; undefined: only the exit code counts. */
  readonly expected?: string;
  /** Work in a round, relative to the first row: peers that hold everything in memory get less. @default 1 */
  readonly share?: number;
  /** After this time it hangs, in milliseconds. @default 120,000 */
  readonly timeoutMs?: number;
}

export interface Benchmark {
  readonly name: string;
  readonly question: string;
  readonly rows: readonly Row[];
  readonly rounds: number;
  /** What one round of the first row does, for a rate; undefined: only times are told. */
  readonly work?: { readonly amount: number; readonly unit: string };
}

interface Outcome {
  readonly seconds: number;
  readonly peakBytes: number;
  readonly problem?: string;
}

const TIMEOUT_MS = 120_000;
/** Where commands run, and what they need is written; gone at the end. */
export const folder = mkdtempSync(join(tmpdir(), "bench-of-sluice-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

/** Writes a flow file and returns its path. */
export function writeFlow(name: string, flow: object): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(flow));
  return path;
}

/** Writes any file that a benchmark needs and returns its path. */
export function writeScratch(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Runs a benchmark and prints its table, as Markdown. */
export async function runBenchmark({ name, question, rows, rounds, work }: Benchmark): Promise<void> {
  console.log(`\n### ${name}\n\n${question}\n`);
  const outcomes = new Map<string, Outcome[]>(rows.map((row) => [row.label, []]));
  for (let round = 0; round < rounds; round++) {
    for (const row of rows) {
      const sofar = outcomes.get(row.label) ?? [];
      if (sofar.some(({ problem }) => problem !== undefined)) continue;
      sofar.push(await measure(row));
    }
  }
  const base = median(outcomes.get(rows[0]?.label ?? "") ?? []);
  console.log(
    `| | median s | worst s | ${
      work === undefined ? "" : `${work.unit}/s | `
    }ratio of speed | engine's peak MiB |`,
  );
  console.log(`|---|---|---|${work === undefined ? "" : "---|"}---|---|`);
  for (const row of rows) {
    const all = outcomes.get(row.label) ?? [];
    const problem = all.find((outcome) => outcome.problem !== undefined)?.problem;
    const share = row.share ?? 1;
    const middle = median(all) / share;
    const worst = Math.max(...all.map(({ seconds }) => seconds)) / share;
    const rate = work === undefined
      ? ""
      : `${problem === undefined ? (work.amount / middle).toFixed(2) : "-"} | `;
    const peak = Math.round(Math.max(...all.map(({ peakBytes }) => peakBytes)) / 1024 / 1024);
    const cells = problem === undefined
      ? `${middle.toFixed(3)} | ${worst.toFixed(3)} | ${rate}${(base / middle).toFixed(2)} | ${peak}`
      : `${problem} | - | ${rate}- | ${peak}`;
    console.log(`| ${row.label}${share === 1 ? "" : ` (at ${share} of the size, scaled)`} | ${cells} |`);
  }
}

function median(outcomes: readonly Outcome[]): number {
  const sorted = outcomes.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

async function measure({ command, expected, timeoutMs = TIMEOUT_MS }: Row): Promise<Outcome> {
  const { ms, peakBytes, stdout, problem } = await timeCommand(command, {
    cwd: folder,
    timeoutMs,
    keepsOutput: expected !== undefined,
  });
  const isWrong = expected !== undefined && stdout.trim().replace(/\s+/g, " ") !== expected;
  const wrong = problem ?? (isWrong ? "wrong result" : undefined);
  return { seconds: ms / 1000, peakBytes, ...(wrong === undefined ? {} : { problem: wrong }) };
}
