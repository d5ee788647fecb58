import { describe, expect, it } from "vitest";
import { RETRY_BACKOFF_MAX_MS } from "../../../lib/core/limits/process.ts";
import { nextTry } from "../../../lib/process/life/next_try.ts";

const RETRY = { max: 3, backoffMs: 100 };

describe("nextTry()", () => {
  it("doubles the wait with each try, and varies it by half of itself", () => {
    const waits = [1, 2, 3].map((attempt) =>
      [0, 0.5, 0.999].map((random) => nextTry(RETRY, { attempt, sinceFirstMs: 0, random }))
    );
    expect(waits).toEqual([[50, 100, 150], [100, 200, 300], [200, 400, 600]]);
  });

  it("gives no try more than max after the first", () => {
    expect(nextTry(RETRY, { attempt: 4, sinceFirstMs: 0, random: 0.5 })).toBeUndefined();
    expect(nextTry(undefined, { attempt: 1, sinceFirstMs: 0, random: 0.5 })).toBeUndefined();
  });

  it("gives none that would begin too late", () => {
    const retry = { ...RETRY, withinMs: 1000 };
    expect(nextTry(retry, { attempt: 1, sinceFirstMs: 900, random: 0.5 })).toBe(100);
    expect(nextTry(retry, { attempt: 1, sinceFirstMs: 901, random: 0.5 })).toBeUndefined();
  });

  it("waits no longer than the longest there is", () => {
    const retry = { max: 1000, backoffMs: 1000 };
    expect(nextTry(retry, { attempt: 900, sinceFirstMs: 0, random: 0.5 })).toBe(RETRY_BACKOFF_MAX_MS);
  });

  it("is a number also after the thousands of tries, and without any wait", () => {
    const retry = { max: 1_000_000, backoffMs: 0, withinMs: 1000 };
    expect(nextTry(retry, { attempt: 5000, sinceFirstMs: 0, random: 0.5 })).toBe(0);
    expect(nextTry(retry, { attempt: 5000, sinceFirstMs: 1001, random: 0.5 })).toBeUndefined();
  });
});
