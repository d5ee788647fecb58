import { describe, expect, test } from "vitest";
import type { ActorLimits } from "../../../lib/core/flow.ts";
import { reachedLimit } from "../../../lib/process/limits/reached_limit.ts";

const run = {
  over: undefined,
  processorMs: 0,
  isStopped: false,
  actor: { ok: [0] as readonly number[], limits: { memoryBytes: 100, cpuMs: 1000 } as ActorLimits },
};
const cpu = { limit: "cpu", limitMs: 1000 };
const timeout = { kind: "timeout", actor: "a", limitMs: 1, activities: [] } as const;
const killed = { signal: "SIGKILL" };
const on = { wasStopping: false };

describe("reachedLimit()", () => {
  test("is of memory when the engine has killed for it, however the process ended then", () => {
    const expected = { limit: "memory", limitBytes: 100, usedBytes: 120 } as const;
    const over = { ...run, over: expected };
    for (const status of [killed, { code: 0 }]) {
      expect(reachedLimit(over, { status, ...on })).toEqual(expected);
      expect(reachedLimit(over, { status, wasStopping: true })).toEqual(expected);
    }
  });

  test.each([{ signal: "SIGXCPU" }, { code: 152 }])("is of processor time after %j", (status) => {
    expect(reachedLimit(run, { status, ...on })).toEqual(cpu);
  });

  test.each([killed, { code: 137 }])(
    "is of processor time after %j only when about that much was used",
    (status) => {
      expect(reachedLimit({ ...run, processorMs: 990 }, { status, ...on })).toEqual(cpu);
      expect(reachedLimit({ ...run, processorMs: 700 }, { status, ...on })).toBe(undefined);
    },
  );

  test("is none when the engine has stopped the process", () => {
    const late = { ...run, processorMs: 1000 };
    expect(reachedLimit(late, { status: killed, wasStopping: true })).toBe(undefined);
    expect(
      reachedLimit({ ...late, over: { limit: "time", failure: timeout, isTold: true } }, {
        status: killed,
        ...on,
      }),
    )
      .toBe(undefined);
  });

  test("is none without a limit, and after an end that counts as success", () => {
    const status = { code: 152 };
    expect(reachedLimit({ ...run, actor: { ok: [0] } }, { status, ...on })).toBe(undefined);
    expect(reachedLimit({ ...run, actor: { ...run.actor, ok: [152] } }, { status, ...on })).toBe(undefined);
    expect(reachedLimit(run, { status: { code: 1 }, ...on })).toBe(undefined);
  });
});
