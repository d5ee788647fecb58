/** Actors made with an SDK, under the engine. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root, runFlow, type Runtime, runtimes } from "./rig.ts";

const TELLER = join(root, "test/fixtures/sdk/teller.py");

type Send = readonly [to: string, type: string, message: unknown];

function teller(args: unknown, more: object = {}): object {
  return { run: ["python3", TELLER], protocol: "messages", args, ...more };
}

/** What they emitted, in any order, and how it ended. */
async function play(runtime: Runtime, actors: Readonly<Record<string, object>>) {
  const { stdout, stderr, code } = await runFlow(runtime, { actors });
  return { lines: stdout.trim().split("\n").toSorted(), stderr, code };
}

describe.each(runtimes)("actors made with an SDK, on $name", (runtime) => {
  test("of a keyed host start with their key, and the host makes no instance", async () => {
    const sends: readonly Send[] = [["many", "Note", { id: "x" }], ["many/y", "Note", 1], [
      "many/y",
      "Note",
      2,
    ]];
    const { lines, code } = await play(runtime, {
      one: teller(sends),
      many: teller(null, { supervisor: { type: "keyed", key: "/id", hosts: 1 } }),
    });
    expect({ lines, code }).toEqual({
      lines: [
        '{"note":1,"by":"y"}',
        '{"note":2,"by":"y"}',
        '{"note":{"id":"x"},"by":"x"}',
        '{"start":"x"}',
        '{"start":"y"}',
        '{"start":null}',
      ],
      code: 0,
    });
  });

  test("of a keyed actor with a process for each key are that instance", async () => {
    const { lines, code } = await play(runtime, {
      one: teller([["many/a", "Add", { n: 2 }], ["many/b", "Add", { n: 3 }], ["many/a", "Add", { n: 2 }]]),
      many: teller(null, { supervisor: { type: "keyed", hosts: "each" } }),
    });
    expect({ lines, code }).toEqual({
      lines: [
        '{"start":"a"}',
        '{"start":"b"}',
        '{"start":null}',
        '{"state":2,"by":"a"}',
        '{"state":3,"by":"b"}',
        '{"state":4,"by":"a"}',
      ],
      code: 0,
    });
  });

  test("ask each other; what nobody can answer has its code", async () => {
    const { lines, code } = await play(runtime, {
      one: teller([
        ["two", "Relay", { to: "nobody", type: "T", message: {} }],
        ["two", "Relay", { to: "three", type: "Nope", message: {} }],
        ["two", "Relay", { to: "three", type: "Broken", message: {} }],
        ["two", "Relay", { to: "two", type: "Note", message: {} }],
        ["two", "Relay", { to: "three", type: "Relay", message: { to: "two", type: "Note", message: {} } }],
      ]),
      two: teller(null),
      three: teller(null),
    });
    expect({ lines, code }).toEqual({
      lines: [
        '{"relayed":{"code":"DEADLOCK"}}',
        '{"relayed":{"code":"DEADLOCK"}}',
        '{"relayed":{"code":"HANDLER_ERROR"}}',
        '{"relayed":{"code":"NO_ACTOR"}}',
        '{"relayed":{"code":"UNKNOWN_TYPE"}}',
        ...new Array<string>(3).fill('{"start":null}'),
      ],
      code: 0,
    });
  });

  test("that are killed get what they have not acknowledged again", async () => {
    const { lines, code, stderr } = await play(runtime, {
      one: teller([1, 2, 3].map(() => ["sum", "Add", { n: 1 }])),
      sum: teller({ dies_at: 2 }, {
        delivery: "at-least-once",
        restart: { policy: "on-failure", intensity: 2, backoff: "10ms" },
      }),
    });
    // The second is counted before and after the crash; the others once.
    expect({ lines, code }).toEqual({
      lines: [
        '{"start":null}',
        '{"start":null}',
        '{"start":null}',
        '{"state":1,"by":null}',
        '{"state":3,"by":null}',
        '{"state":4,"by":null}',
      ],
      code: 0,
    });
    expect(stderr).toContain('Actor "sum" ended; it is started again in 10 ms');
  });

  test("that leave by sys.exit(0) have handled their message; the others are for the next process", async () => {
    const { lines, code, stderr } = await play(runtime, {
      one: teller(Array.from({ length: 6 }, (_, n) => ["two", "Leave", { n: n + 1 }])),
      two: teller(null, { delivery: "at-least-once" }),
    });
    const left = lines.filter((line) => line.includes("state"));
    expect([left, code, stderr]).toEqual([
      Array.from({ length: 6 }, (_, n) => `{"n":${n + 1},"state":${n + 1}}`),
      0,
      "",
    ]);
  });

  test("keep the error of a timer to themselves: it fails the run, and $timer hears nothing", async () => {
    const { code, stderr } = await play(runtime, { one: teller([["two", "Late", {}]]), two: teller(null) });
    expect([code, stderr.includes("LATE: too late"), stderr.includes('$timer"')]).toEqual([1, true, false]);
  });

  test("fail for a record: nothing is written for it, and it fails the run", async () => {
    const { lines, code, stderr } = await play(runtime, {
      words: { value: '"good"\n"bad"\n"good"\n' },
      two: teller(null, { in: "words" }),
    });
    expect([lines, code, stderr.includes("no such word")]).toEqual([
      ['{"record":"good"}', '{"record":"good"}', '{"start":null}'],
      1,
      true,
    ]);
  });

  test("send and ask from a thread while they handle nothing", async () => {
    const { lines, code } = await play(runtime, {
      one: teller([["two", "Beside", {}]]),
      two: teller(null),
      other: teller(null),
    });
    expect([lines.filter((line) => line.includes("done")), code]).toEqual([
      ['{"done":{"asked":{"yes":true}}}'],
      0,
    ]);
  });

  test("say that the run is over", async () => {
    const { code, stderr } = await play(runtime, {
      endless: { run: ["yes"] },
      two: teller(null, { in: "endless" }),
      one: teller([["one", "Enough", { reason: "tired", code: 2 }]]),
    });
    expect([code, stderr.includes('Actor "one" ended the run with code 2\n  tired')]).toEqual([1, true]);
  });
});
