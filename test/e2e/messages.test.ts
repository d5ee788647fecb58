/** Message actors on the three runtimes. What they do is told by their messages: see fixtures/messages/scripted.py. */
import { describe, expect, test } from "vitest";
import { makeFolder, runtimes, start, until } from "./rig.ts";
import type { Step } from "./scripted.ts";
import { actor, lines, play, silent } from "./scripted.ts";

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
        'it is longer than 2048 bytes ("limits": {"message": …} of actor "a" allows more)',
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
});
