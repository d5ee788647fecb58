/**
 * Actors and the engine are killed at random instants under at-least-once: no accepted message is lost, the order of a
 * key is kept, and only a crash brings duplicates. MESSAGE_KILLS says how many runs, MESSAGE_SEED which.
 *
 *   writer ──▶ worker (keyed, one process a host) ──▶ book (writes down what it gets)
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { makeRandom } from "../message/random.ts";
import { makeFolder, root, runtimes, start } from "./rig.ts";

const RUNS = Number(process.env["MESSAGE_KILLS"] ?? 2);
const KEYS = 5;
const MESSAGES = 120;
const fixture = (name: string): string => join(root, "test/fixtures/messages", name);
const restart = { intensity: 100_000, backoff: "1ms" };

const flow = {
  actors: {
    records: { file: "records.txt" },
    worker: {
      run: ["python3", fixture("forward.py"), "book"],
      protocol: "messages",
      in: "records",
      delivery: "at-least-once",
      supervisor: { type: "keyed", key: "/key", hosts: 2 },
      retry: { max: 1_000_000 },
      restart,
    },
    book: {
      run: ["python3", fixture("book.py"), "book.txt"],
      protocol: "messages",
      delivery: "at-least-once",
      retry: { max: 1_000_000 },
      restart,
    },
  },
};

describe.each(runtimes)("under random kills on $name", (runtime) => {
  test("no accepted message is lost, and the order of each key is kept", async () => {
    for (let round = 0; round < RUNS; round++) {
      const { random, seed } = makeRandom(
        process.env["MESSAGE_SEED"] === undefined ? undefined : Number(process.env["MESSAGE_SEED"]) + round,
      );
      const records = Array.from(
        { length: MESSAGES },
        (_, n) => `${JSON.stringify({ key: `k${n % KEYS}`, n, kill: random() < 0.03 })}\n`,
      );
      const folder = makeFolder({ "flow.json": flow, "records.txt": records.join("") });
      const crashes = await runKilled(folder, { runtime, random });
      const booked = readFileSync(join(folder, "book.txt"), "utf8").split("\n").slice(0, -1)
        .map((line) => JSON.parse(line) as { readonly key: string; readonly n: number });
      const about = `seed ${seed}, ${crashes} crashes of the engine`;
      expect(new Set(booked.map(({ n }) => n)).size, about).toBe(MESSAGES);
      for (let key = 0; key < KEYS; key++) {
        const first = [...new Set(booked.filter((one) => one.key === `k${key}`).map(({ n }) => n))];
        expect(first, about).toEqual(first.toSorted((a, b) => a - b));
      }
    }
  }, 60_000 + RUNS * 30_000);
});

/** Runs the flow to its end, however often the engine is killed; gives how often that was. */
async function runKilled(
  folder: string,
  { runtime, random }: { readonly runtime: typeof runtimes[number]; readonly random: () => number },
): Promise<number> {
  for (let crashes = 0;; crashes++) {
    const resume = existsSync(join(folder, "run.db")) ? ["--resume"] : [];
    const started = start(runtime, ["flow.json", "--db", "run.db", ...resume], { cwd: folder });
    // At last it is left alone.
    const isKilled = crashes < 3 && await Promise.race([
      sleep(200 + random() * 1500).then(() => true),
      started.ended.then(() => false),
    ]);
    if (isKilled) started.child.kill("SIGKILL");
    const { code, stderr } = await started.ended;
    if (isKilled && code === null) continue;
    expect(code, stderr).toBe(0);
    return crashes;
  }
}
