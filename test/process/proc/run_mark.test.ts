import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { lowestSince, makeMark, markOf } from "../../../lib/process/proc/run_mark.ts";

const before = { last: 20_000, started: 1_000_000, max: 32_768 };

it("lowestSince() leaves out who was there before, as long as numbers have only risen", () => {
  expect(lowestSince(before, { ...before, last: 20_005, started: 1_000_005 })).toBe(20_001);
  expect(lowestSince(before, before)).toBe(20_001);
});

it.each([
  ["have begun anew", { last: 400, started: 1_013_200 }],
  ["may have gone round once", { last: 20_005, started: 1_032_773 }],
  ["may have gone round among many that are taken", { last: 20_005, started: 1_016_384 }],
])("lowestSince() leaves out nobody when numbers %s", (_, now) => {
  expect(lowestSince(before, { ...before, ...now })).toBe(1);
});

it.runIf(process.platform === "linux")("a mark leaves out who is older, and nobody who comes", async () => {
  const older = spawn("sleep", ["1000"]);
  await once(older, "spawn");
  const mark = makeMark("mark");
  const younger = spawn("sleep", ["1000"]);
  await once(younger, "spawn");
  const lowest = mark.lowestPid();
  expect(lowest).toBeLessThanOrEqual(younger.pid ?? 0);
  // On a busy machine numbers may begin anew just now.
  if (lowest > 1) expect(lowest).toBeGreaterThan(older.pid ?? 0);
  expect(markOf("mark").lowestPid()).toBe(1);
  for (const child of [older, younger]) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});
