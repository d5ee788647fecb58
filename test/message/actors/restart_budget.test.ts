import { describe, expect, test } from "vitest";
import type { Restart } from "../../../lib/core/messaging.ts";
import { RestartBudget } from "../../../lib/message/actors/restart_budget.ts";

const rule: Restart = { policy: "on-failure", intensity: 3, periodMs: 1000, backoffMs: 10 };

describe("RestartBudget", () => {
  test("allows as many failures within the period as its intensity, and waits twice as long each time", () => {
    const budget = new RestartBudget(rule);
    const next = [0, 1, 2, 3].map((now) => budget.next({ isFailure: true, now }));
    expect(next).toEqual([
      { is: "restart", failures: 1, afterMs: 10 },
      { is: "restart", failures: 2, afterMs: 20 },
      { is: "restart", failures: 3, afterMs: 40 },
      { is: "too-often", failures: 4 },
    ]);
  });

  test("forgets what is longer ago than the period", () => {
    const budget = new RestartBudget(rule);
    const next = [0, 600, 1200, 1800, 2400].map((now) => budget.next({ isFailure: true, now }).is);
    expect(next).toEqual(new Array(5).fill("restart"));
  });

  test.each(
    [
      ["never", true, "stay"],
      ["on-failure", false, "stay"],
      ["on-failure", true, "restart"],
      ["always", false, "restart"],
    ] as const,
  )("with policy %s and a failure %s: %s", (policy, isFailure, is) => {
    expect(new RestartBudget({ ...rule, policy }).next({ isFailure, now: 0 }).is).toBe(is);
  });
});
