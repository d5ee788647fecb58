import { describe, expect, it } from "vitest";
import type { Failure } from "../../../lib/core/failure.ts";
import { failureOf, judge } from "../../../lib/process/life/verdict.ts";

const process = {
  over: undefined,
  processorMs: 0,
  isStopped: false,
  actor: { ok: [0, 3], limits: { memoryBytes: 100, cpuMs: 1000 } },
};
const moment = { wasStopping: false, haveReadersLeft: false };
const timeout: Failure = { kind: "timeout", actor: "a", limitMs: 1, activities: [] };
const BAD = { code: 1 };
const KILLED = { signal: "SIGKILL" };

describe("judge()", () => {
  it("takes the exit codes of the actor for success", () => {
    const ends = [0, 1, 3].map((code) => judge(process, { status: { code }, ...moment }).end);
    expect(ends).toEqual(["done", "failed", "done"]);
  });

  it("takes who ends badly when nobody reads any more for done", () => {
    const verdict = judge(process, { status: BAD, ...moment, haveReadersLeft: true });
    expect(verdict).toEqual({ end: "done", closedEarly: true, reached: undefined });
    const well = judge(process, { status: { code: 0 }, ...moment, haveReadersLeft: true });
    expect(well.closedEarly).toBe(false);
  });

  it("takes whom the engine ends for stopped, one and all", () => {
    expect(judge(process, { status: KILLED, ...moment, wasStopping: true }).end).toBe("stopped");
    const stopped = { ...process, isStopped: true, processorMs: 5000 };
    expect(judge(stopped, { status: KILLED, ...moment })).toEqual({
      end: "stopped",
      closedEarly: false,
      reached: undefined,
    });
    expect(judge(stopped, { status: { code: 0 }, ...moment }).end).toBe("done");
  });

  it("takes who has reached a limit for failed, however it ends and whoever has left", () => {
    const late = {
      ...process,
      isStopped: true,
      over: { limit: "time", failure: timeout, isTold: false },
    } as const;
    const large = { ...process, over: { limit: "memory", limitBytes: 100, usedBytes: 120 } } as const;
    for (const over of [late, large]) {
      for (const status of [{ code: 0 }, BAD, KILLED]) {
        for (const wasStopping of [false, true]) {
          const verdict = judge(over, { status, wasStopping, haveReadersLeft: true });
          expect([verdict.end, verdict.closedEarly]).toEqual(["failed", false]);
        }
      }
    }
  });
});

describe("failureOf()", () => {
  const actor = { name: "a", ok: [0] } as unknown as Parameters<typeof failureOf>[0]["actor"];
  const known = { status: BAD, command: ["x"], reached: undefined };

  it("tells the limit of time first, then any other, then how it ended", () => {
    const over = { limit: "time", failure: timeout, isTold: true } as const;
    expect(failureOf({ actor, over, lastLines: [] }, known)).toBe(timeout);
    const reached = { limit: "cpu", limitMs: 5 } as const;
    const lines = { actor, over: undefined, lastLines: ["l"] };
    expect(failureOf(lines, { ...known, reached })).toEqual({
      kind: "limit",
      actor: "a",
      command: ["x"],
      lastLines: ["l"],
      ...reached,
    });
    expect(failureOf(lines, known)).toEqual({
      kind: "exit",
      actor: "a",
      command: ["x"],
      lastLines: ["l"],
      code: 1,
      ok: [0],
    });
  });
});
