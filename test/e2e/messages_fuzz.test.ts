/** Traffic that no actor should send: the engine goes on, tells each kind once, and holds little memory. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, root, runtimes, start, until } from "./rig.ts";

const FUZZ = join(root, "test/fixtures/messages/fuzz.py");
const MIB = 1024 * 1024;

describe.each(runtimes)("malformed traffic on $name", (runtime) => {
  test("ends nobody but whoever reads it, is told seldom and bounded in memory", async () => {
    const seed = Math.floor(Math.random() * 1_000_000);
    const folder = makeFolder({
      "flow.json": {
        actors: {
          fuzz: { run: ["python3", FUZZ, String(seed), "4000"], protocol: "messages" },
          peer: { run: ["jq", "-c", "--unbuffered", "empty"], protocol: "messages", subscribe: "a/**" },
        },
      },
    });
    const started = start(runtime, ["flow.json", "--until", "signal"], { cwd: folder });
    let peak = 0;
    await until(() => {
      peak = Math.max(peak, peakOf(started.child.pid ?? 0));
      return started.stdout().includes("all timers");
    }, () => `seed ${seed}: ${started.stderr().slice(-2000)}`);
    started.child.kill("SIGTERM");
    const { code, stderr } = await started.ended;
    expect([code, stderr.includes("Error:")], `seed ${seed}: ${stderr.slice(0, 2000)}`).toEqual([1, false]);
    expect(stderr.split("\n").length, `seed ${seed}`).toBeLessThan(600);
    expect(peak / MIB, `seed ${seed}`).toBeLessThan(700);
  }, 300_000);
});

function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It has ended.
  }
}
