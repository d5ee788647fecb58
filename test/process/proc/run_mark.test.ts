import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { makeMark, markOf, rangeSince } from "../../../lib/process/proc/run_mark.ts";

const before = { last: 20_000, started: 1_000_000, max: 32_768 };

it("rangeSince() leaves out who was there before, as long as numbers have only risen", () => {
  expect(rangeSince(before, { ...before, last: 20_005, started: 1_000_005 })).toEqual({
    first: 20_001,
    last: 20_005,
  });
  expect(rangeSince(before, before)).toEqual({ first: 20_001, last: 20_000 });
});

it.each([
  ["have begun anew", { last: 400, started: 1_013_200 }],
  ["may have gone round once", { last: 20_005, started: 1_032_773 }],
  ["may have gone round among many that are taken", { last: 20_005, started: 1_016_384 }],
])("rangeSince() leaves out nobody when numbers %s", (_, now) => {
  expect(rangeSince(before, { ...before, ...now })).toBe(undefined);
});

it.runIf(process.platform === "linux")("a mark leaves out who is older, and nobody who comes", async () => {
  const older = spawn("sleep", ["1000"]);
  await once(older, "spawn");
  const mark = makeMark("mark");
  const younger = spawn("sleep", ["1000"]);
  await once(younger, "spawn");
  const range = mark.range();
  // On a busy machine numbers may begin anew just now.
  if (range !== undefined) {
    expect(range.first).toBeGreaterThan(older.pid ?? 0);
    expect(range.first).toBeLessThanOrEqual(younger.pid ?? 0);
    expect(range.last).toBeGreaterThanOrEqual(younger.pid ?? 0);
  }
  expect(markOf("mark").range()).toBe(undefined);
  for (const child of [older, younger]) {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});
