import { describe, expect, test } from "vitest";
import { parseDuration } from "../../../lib/flow/schema/duration.ts";
import { flowOf, messagesOf } from "../messages_of.ts";

const EXPECTED = '(expected a duration with its unit, such as "500ms", "5s", "2m" or "1h")';

describe("parseDuration()", () => {
  test("rounds to whole milliseconds, also to none", () => {
    expect(["0.4ms", "0.5ms", "1.0004s", "0.001h"].map(parseDuration)).toEqual([
      { ok: true, ms: 0 },
      { ok: true, ms: 1 },
      { ok: true, ms: 1000 },
      { ok: true, ms: 3600 },
    ]);
  });

  test.each(["525600m", "31536000s", "31536000000ms", "31536000000.4ms", "0h"])("takes %s", (text) => {
    expect(parseDuration(text).ok).toBe(true);
  });

  test.each(["8760.1h", "31536000001ms", `${"9".repeat(400)}h`])("finds %s too long", (text) => {
    expect(parseDuration(text)).toEqual({ ok: false, reason: 'it is too long (expected at most "8760h")' });
  });

  test.each(["1.s", ".5s", "1,5s", "1e3ms", "5S", "5sec", "5s ", " 5s", "5s5s", "s", "NaNs"])(
    "refuses %j",
    (text) => {
      expect(parseDuration(text)).toMatchObject({ ok: false });
    },
  );
});

describe("checkDuration()", () => {
  test("gives milliseconds for the flow and for each process", () => {
    const flow = flowOf({
      timeout: "1.5m",
      grace: "0s",
      actors: {
        a: { run: ["true"], timeout: "2s", stall: "500ms" },
        b: { sh: "true", timeout: "24h" },
        c: { sh: "true" },
      },
    });
    const { timeoutMs, graceMs } = flow;
    const times = [...flow.actors.values()].map((actor) => [actor.timeoutMs, actor.stallMs]);
    expect({ timeoutMs, graceMs, times }).toEqual({
      timeoutMs: 90_000,
      graceMs: 0,
      times: [[2000, 500], [86_400_000, undefined], [undefined, undefined]],
    });
  });

  test("leaves out what is not there", () => {
    const flow = flowOf({ actors: { a: { run: ["true"] } } });
    expect("timeoutMs" in flow).toBe(false);
    expect(Object.keys(flow.actors.get("a") ?? {})).not.toContain("stallMs");
  });

  test("reports all that are wrong, each at its place", () => {
    const a = { run: ["true"], timeout: "0ms", stall: "9000h" };
    const b = { sh: "true", timeout: "5", stall: "0.2ms" };
    expect(messagesOf({ timeout: "0.1ms", grace: "1.5d", actors: { a, b } }).sort()).toEqual([
      'actors.a.stall: Cannot read "stall": "9000h": it is too long (expected at most "8760h")',
      'actors.a.timeout: Cannot read "timeout": "0ms": nothing can be done in no time (expected more than 0)',
      'actors.b.stall: Cannot read "stall": "0.2ms": nothing can be done in no time (expected more than 0)',
      `actors.b.timeout: Cannot read "timeout": it is the string "5" ${EXPECTED}`,
      `grace: Cannot read "grace": it is the string "1.5d" ${EXPECTED}`,
      'timeout: Cannot read "timeout": "0.1ms": nothing can be done in no time (expected more than 0)',
    ]);
  });

  test.each([["value", { value: "x" }], ["file", { file: "/x" }], ["stdin", { stdin: true }]])(
    "is of no use to a %s",
    (_, source) => {
      const messages = messagesOf({
        actors: { s: { ...source, timeout: "1s", stall: "1s" }, a: { run: ["cat"], in: "s" } },
      });
      expect(messages).toEqual([
        'actors.s.timeout: Cannot use "timeout" on actor "s": only a process (run, sh) takes its time',
        'actors.s.stall: Cannot use "stall" on actor "s": only a process (run, sh) can stall',
      ]);
    },
  );
});
