/** How message actors are started, started again, shared, left and ended. */
import { describe, expect, test } from "vitest";
import { makeFolder, runtimes, start } from "./rig.ts";
import type { Step } from "./scripted.ts";
import { actor, lines, play } from "./scripted.ts";

describe.each(runtimes)("message actors on $name", (runtime) => {
  test("of a pool share the messages: each goes to one that is free", async () => {
    const work = { do: [["sleep", 0.2], ["out", "done"]] };
    const { stdout, stderr } = await play(runtime, {
      a: actor([["repeat", 6, ["send", "workers", "Work", work]]]),
      workers: actor([["note", "here"]], { supervisor: { type: "pool", size: 3 } }),
    });
    expect(lines(stdout)).toHaveLength(6);
    expect(stderr.match(/workers │ here/g)).toHaveLength(3);
  });

  test("that are keyed have an instance for each key, which is passivated and comes back with its state", async () => {
    const told = { do: [["echo", ["receiver"]]] };
    const back = {
      id: "x",
      do: [["out", "back"], ["send", "$log", "Log", { level: "info", text: "it works" }]],
    };
    // The flow is not at its end before this timer is cancelled.
    const left = { do: [["send", "account", "T", back], ["send", "$timer", "Cancel", { id: "wait" }]] };
    const { stdout, stderr, code } = await play(runtime, {
      a: actor([
        ["send", "$timer", "Once", { id: "wait", after: "1h" }],
        ["repeat", 3, ["send", "account", "T", { id: "x", ...told }]],
        ["send", "account/y", "T", told],
        ["send", "account", "T", {}],
      ]),
      account: {
        ...actor([], { supervisor: { type: "keyed", key: "/id", hosts: 2, idle: "100ms" } }),
        args: { left: { x: [["send", "a", "Left", left]] } },
      },
    });
    const receivers = stdout.split("\n").filter((line) => line.includes("receiver"));
    expect(receivers.toSorted()).toEqual([
      ...new Array<string>(3).fill('{"receiver": "account/x"}'),
      '{"receiver": "account/y"}',
    ]);
    expect(lines(stdout)).toContainEqual({
      rejected: "T",
      reason: "Actor 'account' is keyed, and the message has no key",
      code: "NO_KEY",
    });
    expect([stderr.includes('Activate {"key": "x", "state": null}'), code]).toEqual([true, 1]);
    expect(stderr).toContain('Activate {"key": "x", "state": {"left": true}}');
    expect(stderr).toContain("account/x: info: it works");
  });

  test("are started by the first message, and again when they have ended well", async () => {
    const { stdout, stderr, code } = await play(runtime, {
      a: actor([
        ["ask", "shy", "Q", { do: [["reply", "A", 1], ["exit", 0]] }, 5000],
        ["ask", "shy", "Q", { do: [["reply", "A", 2]] }, 5000],
      ]),
      shy: actor([["note", "here"]], { supervisor: { type: "singleton", idle: "10s" } }),
    });
    expect([lines(stdout), code]).toEqual([[{ answer: 1, error: null }, { answer: 2, error: null }], 0]);
    expect(stderr.match(/shy +│ here/g)).toHaveLength(2);
  });

  test("that fail are started again with their state", async () => {
    const save: Step = ["send", "$state", "Save", { count: 7 }];
    const { stdout, stderr, code } = await play(runtime, {
      a: actor([
        ["send", "b", "T", { do: [save, ["kill"]] }],
        ["ask", "b", "T", { do: [["send", "$state", "Load", {}]] }, 50],
        ["send", "b", "T", { do: [["ask", "$state", "Load", {}, 5000]] }],
      ]),
      b: actor([["note", "here"]], { restart: { backoff: "10ms" } }),
    });
    // What two actors write comes in any order.
    expect([lines(stdout), code]).toEqual([
      expect.arrayContaining([{ answer: { state: { count: 7 } }, error: null }]),
      1, // What it was at is lost.
    ]);
    expect(stderr).toContain('A message "T" of "a" to "b" was not handled');
    expect(stderr).toContain('Actor "b" ended; it is started again');
    expect(stderr.match(/here/g)).toHaveLength(2);
  });

  test("that fail too often fail the flow", async () => {
    const { stderr, code } = await play(runtime, {
      a: actor([["exit", 3]], { restart: { intensity: 2, backoff: "1ms" } }),
    });
    expect([code, stderr.match(/started again/g)?.length]).toEqual([1, 2]);
    expect(stderr).toContain('Actor "a" failed: exit 3');
  });

  test("without restart fail the flow at once; with onFailure continue the others go on", async () => {
    const actors = {
      a: actor([["send", "b", "T", { do: [["exit", 5]] }], ["send", "$timer", "Once", {
        id: 1,
        after: 400,
      }]]),
      b: actor(),
    };
    const stopped = await play(runtime, actors);
    expect([stopped.code, stopped.stdout]).toEqual([1, ""]);
    const gone = await play(runtime, actors, { onFailure: "continue" });
    expect([gone.code, lines(gone.stdout)]).toEqual([1, [{ timeout: 1 }]]);
  });

  test("that do not end when they are told to are ended after the grace", async () => {
    const { code, stderr } = await play(runtime, {
      a: {
        run: ["sh", "-c", "while read -r line; do :; done; echo deaf >&2; sleep 60"],
        protocol: "messages",
      },
    }, { grace: "200ms" });
    expect([code, stderr.includes("deaf")]).toEqual([0, true]);
  });

  test("that cannot be started fail the flow", async () => {
    const folder = makeFolder({
      "flow.json": { actors: { a: { run: ["./it"], protocol: "messages" } } },
      "it": "not a program\n",
    });
    const { code, stderr } = await start(runtime, ["flow.json"], { cwd: folder }).ended;
    expect([code, stderr.includes("it may not be executed")]).toEqual([2, true]);
  });
});
