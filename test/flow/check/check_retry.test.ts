import { describe, expect, it } from "vitest";
import { flowOf, messagesOf } from "../messages_of.ts";

describe("loadFlow() checks retry", () => {
  it("a number, or an object with durations", () => {
    const retries = [3, { max: 1 }, { max: 2, backoff: "0ms", within: "1m" }];
    const actors = Object.fromEntries(retries.map((retry, at) => [`a${at}`, { run: ["true"], retry }]));
    const flow = flowOf({ actors });
    expect([...flow.actors.values()].map(({ retry }) => retry)).toEqual([
      { max: 3, backoffMs: 100 },
      { max: 1, backoffMs: 100 },
      { max: 2, backoffMs: 0, withinMs: 60_000 },
    ]);
  });

  it("tells what is wrong with it", () => {
    const retries = [0, 1.5, "3", [], {}, { max: "2" }, { max: 1, backof: "1s" }, { max: 1, within: "0s" }];
    const actors = Object.fromEntries(retries.map((retry, at) => [`a${at}`, { run: ["true"], retry }]));
    expect(messagesOf({ actors: { ...actors, s: { value: "x", retry: 1 } } })).toMatchInlineSnapshot(`
      [
        "actors.a0.retry: Cannot read "retry": it is the number 0 (expected a number of further tries from 1 to 1000000)",
        "actors.a1.retry: Cannot read "retry": it is the number 1.5 (expected a number of further tries from 1 to 1000000)",
        "actors.a2.retry: Cannot read "retry": it is the string "3" (expected a number of further tries such as 3, or an object such as {"max": 3, "backoff": "1s"})",
        "actors.a3.retry: Cannot read "retry": it is an empty list (expected a number of further tries such as 3, or an object such as {"max": 3, "backoff": "1s"})",
        "actors.a4.retry: Cannot read "retry": it has no key "max" (expected a number of further tries such as 3, or an object such as {"max": 3, "backoff": "1s"})",
        "actors.a5.retry.max: Cannot read "max": it is the string "2" (expected a number of further tries from 1 to 1000000)",
        "actors.a6.retry.backof: Cannot use key "backof": "retry" has no such key (did you mean "backoff"?)",
        "actors.a7.retry.within: Cannot read "within": "0s": nothing can be done in no time (expected more than 0)",
        "actors.s.retry: Cannot use "retry" on actor "s": only a process (run, sh) can be run again",
      ]
    `);
  });
});
