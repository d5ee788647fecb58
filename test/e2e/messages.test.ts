/** Message actors on the three runtimes. What they do is told by their messages: see fixtures/messages/scripted.py. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Ended, Runtime } from "./rig.ts";
import { makeFolder, root, runtimes, start, until } from "./rig.ts";

const SCRIPTED = join(root, "test/fixtures/messages/scripted.py");

type Step = readonly [string, ...unknown[]];

/** A message actor that does these steps at its start, and then what it is told. */
function actor(steps: readonly Step[] = [], more: object = {}): object {
  return { run: ["python3", SCRIPTED], protocol: "messages", args: { do: steps }, ...more };
}

/** The same, but it acknowledges nothing. */
function silent(steps: readonly Step[] = [], more: object = {}): object {
  return { ...actor(steps, more), run: ["python3", SCRIPTED, "noack"] };
}

async function play(
  runtime: Runtime,
  actors: Readonly<Record<string, object>>,
  top: object = {},
): Promise<Ended> {
  const folder = makeFolder({ "flow.json": { actors, ...top } });
  return await start(runtime, ["flow.json"], { cwd: folder }).ended;
}

function lines(text: string): readonly unknown[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as unknown);
}

describe.each(runtimes)("message actors on $name", (runtime) => {
  test("send, reply, and end when nothing is left to be done", async () => {
    const { stdout, stderr, code } = await play(runtime, {
      ping: actor([["send", "pong", "Ping", {
        do: [["reply", "Pong", { do: [["echo", ["message_type", "sender_actor", "receiver"]]] }]],
      }]]),
      pong: actor(),
    });
    expect([lines(stdout), code]).toEqual([
      [{ message_type: "Pong", sender_actor: "pong", receiver: "ping" }],
      0,
    ]);
    expect(stderr.match(/Shutdown/g)).toHaveLength(2);
  });

  test("are given records as messages, and write records", async () => {
    const filter = 'select(.message_type == "Record") | {message: [.message]}';
    const { stdout, code } = await play(runtime, {
      lines: { value: '1\n{"a": [2]}\nno json\n\n{"b":\n' },
      wrap: { run: ["jq", "-c", "--unbuffered", filter], protocol: "messages", in: "lines" },
      again: { run: ["jq", "-c", "--unbuffered", filter], protocol: "messages", in: "count" },
      count: { sh: "cat; echo end", in: "wrap" },
    });
    expect([stdout.split("\n"), code]).toEqual([
      ["[[1]]", '[[{"a":[2]}]]', '[["no json"]]', '[[""]]', '[["{\\"b\\":"]]', '["end"]', ""],
      0,
    ]);
  });

  test("answer to nobody in particular, which goes to whoever asked, or into the stream", async () => {
    const answer = ["answer", "Answer", { do: [["out", "answered"]] }];
    const { stdout } = await play(runtime, {
      record: { value: JSON.stringify({ do: [["answer", "A", "of a record"]] }) },
      a: actor([["send", "b", "Q", { do: [answer] }]]),
      b: silent([], { in: "record" }),
    });
    expect(lines(stdout).toSorted()).toEqual(["answered", "of a record"]);
  });

  test("get back what cannot be delivered; without a sender it is told", async () => {
    const { stdout, stderr, code } = await play(runtime, {
      a: actor([
        ["send", "nobody", "T", {}],
        ["send", "$nothing", "T", {}],
        ["send", "$timer", "Wrong", {}],
        ["publish", "a//b", "T", {}],
        ["send", "b/key", "T", {}],
      ]),
      b: actor(),
    });
    expect([lines(stdout), code]).toEqual([[
      { rejected: "T", reason: "Actor 'nobody' not found", code: "NO_ACTOR" },
      { rejected: "T", reason: "Actor '$nothing' not found", code: "NO_ACTOR" },
      { rejected: "Wrong", reason: "Unknown message type: Wrong", code: "NOT_UNDERSTOOD" },
      {
        rejected: "T",
        reason:
          "Cannot publish to 'a//b': it has an empty chunk (expected no / at the beginning or end, and no two in a row)",
        code: "BAD_TOPIC",
      },
      { rejected: "T", reason: "Actor 'b/key' not found", code: "NO_ACTOR" },
    ], 1]);
    expect(stderr).toContain(`A message "T" of "a" to "nobody" was not handled: Actor 'nobody' not found`);
    expect(stderr).toContain(`Cannot deliver "T" of "a" to "nobody": Actor 'nobody' not found`);
  });

  test("cannot claim to be somebody else", async () => {
    const { stdout } = await play(runtime, {
      a: actor([[
        "send",
        "b",
        "T",
        { do: [["echo", ["sender_actor", "headers", "priority"]]] },
        { sender_actor: "$engine", sender_endpoint: "x", priority: 7, headers: { trace: 1 } },
      ]]),
      b: actor(),
    });
    expect(lines(stdout)).toEqual([{ sender_actor: "a", headers: { trace: 1 }, priority: 7 }]);
  });

  test("write lines that are no envelopes: that is told once, and fails the run, which goes on", async () => {
    const raw = (line: string): Step => ["raw", line];
    const { stdout, stderr, code } = await play(runtime, {
      a: actor([
        raw("no json\n"),
        raw("[1]\n"),
        ...Array.from({ length: 50 }, () => raw('{"message": \n')),
        raw('{"message_type": 5}\n'),
        raw('{"priority": 300, "message": 1}\n'),
        raw(`{"message": "${"x".repeat(3000)}"}\n`),
        ["out", "still there"],
      ], { limits: { message: "2KiB" } }),
    });
    expect([lines(stdout), code]).toEqual([["still there"], 1]);
    expect(stderr).toContain('Actor "a" wrote a line that is no envelope: it is no JSON');
    for (
      const problem of [
        "it is no JSON object",
        "message_type is not a string",
        "it is longer than 2048 bytes",
      ]
    ) {
      expect(stderr).toContain(`Cannot read a line of actor "a": ${problem}`);
    }
    expect(stderr.match(/it is no JSON[ :(]/g)?.length).toBeLessThan(12);
  });

  test("may write keys with escapes, and unknown ones", async () => {
    const { stdout, code } = await play(runtime, {
      a: actor([["raw", '{"mess\\u0061ge": "escaped"}\n{"a\\\\b\\"": 1, "message": "unknown"}\n']]),
    });
    expect([lines(stdout), code]).toEqual([["escaped", "unknown"], 0]);
  });

  test("publish to those who listen", async () => {
    const tell = (text: string) => ({ do: [["out", text]] });
    const { stdout } = await play(runtime, {
      sensor: actor([["publish", "home/kitchen/temperature", "T", tell("hot")], [
        "publish",
        "garden/rain",
        "T",
        tell("wet"),
      ]]),
      one: actor([], { subscribe: "home/*/temperature" }),
      all: actor([], { subscribe: ["home/**", "**/rain"] }),
      none: actor([], { subscribe: "home/*" }),
    });
    expect(lines(stdout).toSorted()).toEqual(["hot", "hot", "wet"]);
  });

  test("set timers, and the flow waits for them", async () => {
    const { stdout } = await play(runtime, {
      a: actor([
        ["send", "$timer", "Once", { id: "late", after: 120 }],
        ["send", "$timer", "Once", { id: "soon", after: "20ms" }],
        ["send", "$timer", "Once", { id: "never", after: "1h" }],
        ["send", "$timer", "Cancel", { id: "never" }],
      ]),
    });
    expect(lines(stdout)).toEqual([{ timeout: "soon" }, { timeout: "late" }]);
  });

  test("wait for answers; a ring of requests is answered, and so is one to nobody", async () => {
    const { stdout, stderr, code } = await play(runtime, {
      a: actor([
        ["ask", "b", "Q", { do: [["reply", "A", 42]] }, 5000],
        ["ask", "nobody", "Q", {}, 5000],
        ["ask", "b", "Q", {}, 30],
        ["ask", "a", "Q", {}, 5000],
        ["ask", "b", "Q", { do: [["ask", "a", "Q", {}, 5000], ["reply", "A", "after all"]] }, 5000],
      ]),
      b: actor(),
    });
    // The second DEADLOCK is the other one's: what two actors write comes in any order.
    expect(lines(stdout).map((line) => JSON.stringify(line)).toSorted()).toEqual(
      [
        { answer: 42, error: null },
        { answer: null, error: "NO_ACTOR" },
        { answer: null, error: "TIMEOUT" },
        { answer: null, error: "DEADLOCK" },
        { answer: null, error: "DEADLOCK" },
        { answer: "after all", error: null },
      ].map((line) => JSON.stringify(line)).toSorted(),
    );
    expect([code, stderr.includes("b → a → b")]).toEqual([0, true]);
  });

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
      0,
    ]);
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

  test("are not read while what they send has no room; a ring of full mailboxes is resolved", async () => {
    const big = "x".repeat(500);
    const { code, stderr, stdout } = await play(runtime, {
      a: actor([["repeat", 2000, ["send", "b", "T", { big }]], ["out", "a"]], { mailbox: { size: 2 } }),
      b: actor([["repeat", 2000, ["send", "a", "T", { big }]], ["out", "b"]], { mailbox: { size: 2 } }),
    });
    expect([code, lines(stdout).toSorted()]).toEqual([0, ["a", "b"]]);
    expect(stderr).toContain("Mailboxes waited for each other");
  });

  test.each(["reject", "drop-oldest", "spill", "block"] as const)(
    "with a full mailbox: %s",
    async (overflow) => {
      const { stdout, code } = await play(runtime, {
        a: actor([
          ["send", "b", "T", { do: [["sleep", 0.5]] }],
          ["sleep", 0.2],
          ["repeat", 10, ["send", "b", "T", { do: [["out", "INDEX"]] }]],
        ]),
        b: actor([], { mailbox: { size: 3, overflow } }),
      });
      const all = lines(stdout);
      const numbers = all.filter((line) => typeof line === "number");
      const rejected = all.filter((line) => typeof line === "object");
      expect(code).toBe(0);
      if (overflow === "reject") expect([numbers, rejected.length]).toEqual([[0, 1, 2], 7]);
      else if (overflow === "drop-oldest") expect([numbers, rejected.length]).toEqual([[7, 8, 9], 7]);
      else expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    },
  );

  test("get higher priorities first", async () => {
    const tell = (priority: number): Step => ["send", "b", "T", { do: [["out", priority]] }, { priority }];
    const { stdout } = await play(runtime, {
      a: actor([
        ["send", "b", "T", { do: [["sleep", 0.4]] }],
        ["sleep", 0.1],
        tell(5),
        tell(6),
        tell(200),
        tell(6),
      ]),
      b: actor(),
    });
    expect(lines(stdout)).toEqual([200, 6, 6, 5]);
  });

  test("are listed by the registry", async () => {
    const { stdout } = await play(runtime, {
      a: actor([["ask", "$registry", "List", {}, 5000]]),
      b: actor([], { accepts: ["X"], emits: ["Y"], subscribe: "a/b", supervisor: { type: "pool", size: 2 } }),
    });
    const [first] = lines(stdout) as { answer: { actors: readonly object[] } }[];
    expect(first?.answer.actors[1]).toMatchObject({
      name: "b",
      kind: "pool",
      accepts: ["X"],
      emits: ["Y"],
      subscribe: ["a/b"],
    });
  });

  test("serve until a signal comes", async () => {
    const folder = makeFolder({ "flow.json": { actors: { a: actor([["out", "here"]]) } } });
    const started = start(runtime, ["flow.json", "--until", "signal"], { cwd: folder });
    await until(() => started.stdout().includes("here"), () => "it serves");
    await new Promise((resolve) => setTimeout(resolve, 300));
    started.child.kill("SIGTERM");
    const { code, stderr } = await started.ended;
    expect([code, stderr.includes("Shutdown")]).toEqual([0, true]);
  });

  test("are stopped by a signal otherwise", async () => {
    const folder = makeFolder({ "flow.json": { actors: { a: actor([["out", "here"], ["sleep", 60]]) } } });
    const started = start(runtime, ["flow.json"], { cwd: folder });
    await until(() => started.stdout().includes("here"), () => "it runs");
    started.child.kill("SIGINT");
    expect((await started.ended).code).toBe(130);
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
