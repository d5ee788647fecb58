/**
 * Records that go through two message actors with at-least-once, while these and the engine are killed: none is lost,
 * those of a key keep their order, and none comes twice when nobody was killed.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random/prng.ts";
import type { KillRuntime } from "./kill_runtimes.ts";

const RECORDS = 120;
const KEYS = 7;
/** The longest that an engine lives before it is killed, in milliseconds. */
const KILLED_WITHIN_MS = 1_500;
const KILLS_MAX = 3;
const KEPT = { protocol: "messages", delivery: "at-least-once", retry: { max: 1000 } };

export interface MessageKillReport {
  readonly kills: number;
  /** Deaths of actors that the engine has told of. */
  readonly deaths: number;
  /** Records that came more than once. */
  readonly doubled: number;
  readonly problems: readonly string[];
}

/** Plays one flow. Leaves nothing behind. */
export async function killMessages(runtime: KillRuntime, random: Random): Promise<MessageKillReport> {
  const folder = mkdtempSync(join(tmpdir(), "kills-of-messages-"));
  try {
    return await play(runtime, { folder, random });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function play(
  runtime: KillRuntime,
  { folder, random }: { readonly folder: string; readonly random: Random },
): Promise<MessageKillReport> {
  const isHarmless = random.chance(0.15);
  const [flow, log] = [join(folder, "flow.json"), join(folder, "log")];
  writeFileSync(flow, JSON.stringify(makeFlow(log, isHarmless ? 0 : random.pick([0, 0.002, 0.02]))));
  const lines = Array.from(
    { length: RECORDS },
    (_, n) => JSON.stringify({ key: `k${random.int(0, KEYS - 1)}`, n }),
  );
  writeFileSync(join(folder, "records.ndjson"), `${lines.join("\n")}\n`);
  const args = [flow, "--db", join(folder, "run.db"), "--resume"];
  let [kills, deaths] = [0, 0];
  const deathsIn = (told: string): number => told.split("started again").length - 1;
  for (let round = isHarmless ? 0 : random.int(1, KILLS_MAX); round > 0; round--) {
    const engine = start(runtime, args);
    await Promise.race([engine.ended, sleep(random.int(0, KILLED_WITHIN_MS))]);
    if (engine.child.exitCode === null && engine.child.kill("SIGKILL")) kills += 1;
    await engine.ended;
    deaths += deathsIn(engine.stderr());
  }
  const last = start(runtime, args);
  await last.ended;
  const problems = last.child.exitCode === 0
    ? []
    : [`the last run ended with ${last.child.exitCode}: ${last.stderr()}`];
  const came = existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : [];
  deaths += deathsIn(last.stderr());
  const doubled = came.length - new Set(came).size;
  if (isHarmless && doubled > 0) problems.push(`${doubled} records came twice though nobody was killed`);
  return { kills, deaths, doubled, problems: [...problems, ...compare(lines, came)] };
}

function makeFlow(log: string, share: number): object {
  const script = join(import.meta.dirname, "forward.py");
  const actor = (role: string): object => ({
    run: ["python3", script, role, log, String(share)],
    ...KEPT,
    restart: { intensity: 10_000, backoff: "1ms" },
  });
  return {
    name: "kept",
    actors: {
      records: { file: "records.ndjson" },
      front: { ...actor("front"), in: "records", mailbox: { size: 10 } },
      bank: { ...actor("bank"), supervisor: { type: "keyed", key: "/key", hosts: 2 } },
    },
  };
}

function start(runtime: KillRuntime, args: readonly string[]) {
  const [program = "", ...words] = runtime.command;
  const child = spawn(program, [...words, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: process.env,
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  return { child, ended, stderr: () => stderr };
}

/** Each key has all of its records, in order when each is taken where it came first. */
function compare(lines: readonly string[], came: readonly string[]): readonly string[] {
  // The lines were written by this file.
  const sent = lines.map((line) => JSON.parse(line) as { readonly key: string; readonly n: number });
  return Array.from({ length: KEYS }, (_, at) => `k${at}`).flatMap((key) => {
    const expected = sent.filter((record) => record.key === key).map(({ n }) => n);
    const first = [...new Set(came.filter((line) => line.startsWith(`${key} `)))].map((line) =>
      Number(line.split(" ")[1])
    );
    if (JSON.stringify(first) === JSON.stringify(expected)) return [];
    const lost = expected.filter((n) => !first.includes(n));
    return [
      lost.length > 0
        ? `${key} has lost ${lost.join(", ")}`
        : `${key} came as ${first.join(", ")}, was sent as ${expected.join(", ")}`,
    ];
  });
}
