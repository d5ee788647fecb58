/** What an actor had read when it failed, and is not delivered again, is lost: that is told, though it is started again. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Ended, Runtime } from "./rig.ts";
import { makeFolder, root, run, runFlow, runtimes } from "./rig.ts";

const KILLED = join(root, "test/fixtures/messages/killed.py");
const RECORDS = 12;

function play(
  runtime: Runtime,
  args: readonly string[],
  { records = RECORDS, ...more }: Readonly<Record<string, unknown>> & { readonly records?: number } = {},
): Promise<Ended> {
  return runFlow(runtime, {
    actors: {
      lines: { value: Array.from({ length: records }, (_, n) => `${n}\n`).join("") },
      a: {
        run: ["python3", KILLED, ...args],
        protocol: "messages",
        in: "lines",
        restart: { backoff: "1ms" },
        ...more,
      },
    },
    out: "a",
  }, { args: ["--json"] });
}

function numbersIn({ stdout }: Ended): readonly number[] {
  return stdout.split("\n").slice(0, -1).map(Number);
}

function failuresOf({ stderr }: Ended): readonly Readonly<Record<string, unknown>>[] {
  const line = stderr.split("\n").findLast((each) => each.includes('"exitCode"')) ?? "null";
  return (JSON.parse(line) as { readonly failures: readonly Readonly<Record<string, unknown>>[] }).failures;
}

describe.each(runtimes)("messages of an actor that was killed, on $name", (runtime) => {
  test("are lost when it had read and not acknowledged them: so many are told, with the one that it was at", async () => {
    const ended = await play(runtime, ["5", "2"], { prefetch: 5 });
    expect([ended.code, numbersIn(ended)], ended.stderr).toEqual([1, [0, 1, 5, 6, 7, 8, 9, 10, 11]]);
    expect(failuresOf(ended)).toEqual([expect.objectContaining({
      kind: "message",
      code: "LOST",
      receiver: "a",
      messageType: "Record",
      count: 3,
      reason: "Actor 'a' ended before it acknowledged the message",
    })]);
  });

  test("may be lost when it acknowledges nothing: that is told", async () => {
    const ended = await play(runtime, ["5", "0"]);
    const [failure, ...others] = failuresOf(ended);
    expect([ended.code, others, failure], ended.stderr).toEqual([1, [], {
      kind: "message",
      code: "LOST",
      receiver: "a",
      sender: "",
      messageType: "Record",
      count: expect.any(Number) as number,
      reason: "Actor 'a' failed, and acknowledges nothing: it may have handled some of what it had read",
    }]);
    expect(numbersIn(ended).length + Number(failure?.["count"])).toBe(RECORDS);
  });

  test("and so when it has ended well, but for the first, which may be why it ended", async () => {
    const ended = await play(runtime, ["5", "2", "well"], { prefetch: 5 });
    expect([ended.code, numbersIn(ended)], ended.stderr).toEqual([1, [0, 1, 5, 6, 7, 8, 9, 10, 11]]);
    expect(failuresOf(ended)).toEqual([expect.objectContaining({ kind: "message", code: "LOST", count: 2 })]);
  });

  test("are told as well when something that it has started keeps its pipes open", async () => {
    const records = 300;
    const ended = await play(runtime, ["5", "2", "daemon"], { records });
    const [failure, ...others] = failuresOf(ended);
    expect([ended.code, others, failure], ended.stderr).toEqual([
      1,
      [],
      expect.objectContaining({ kind: "message", code: "LOST" }),
    ]);
    expect(numbersIn(ended).length + Number(failure?.["count"])).toBe(records);
  });

  test("come again at least once: nothing is told", async () => {
    const ended = await play(runtime, ["5", "2"], { prefetch: 5, delivery: "at-least-once" });
    expect([ended.code, numbersIn(ended), failuresOf(ended)], ended.stderr).toEqual([
      0,
      Array.from({ length: RECORDS }, (_, n) => n),
      [],
    ]);
  });

  test("and the line in whose middle it was: that is told as such", async () => {
    const ended = await play(runtime, ["5", "2", "half"], { prefetch: 5, delivery: "at-least-once" });
    expect([ended.code, failuresOf(ended)], ended.stderr).toEqual([1, [{
      kind: "envelope",
      actor: "a",
      problem: "it is no JSON: the actor ended in the middle of it",
      line: '{"message": "half of',
    }]]);
  });
});

const BYTES = { run: ["echo", "of bytes"] };
const SENDER = { sh: `cat > /dev/null; echo '{"message_type":"X","payload":1,"receiver":"nobody"}'` };

describe.each(runtimes)("a message that nobody takes, on $name", (runtime) => {
  test.each([
    { what: "leaves no file of out, since the run has failed", more: {}, kept: [] },
    {
      what: "leaves with onFailure: continue those that hang on no message",
      more: { onFailure: "continue" },
      kept: ["bytes.txt"],
    },
  ])("$what", async ({ more, kept }) => {
    const folder = makeFolder({
      "flow.json": {
        actors: { bytes: BYTES, a: { ...SENDER, protocol: "messages" }, seen: { run: ["cat"], in: "a" } },
        out: { "bytes.txt": "bytes", "seen.txt": "seen" },
        ...more,
      },
    });
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect([code, ["bytes.txt", "seen.txt"].filter((name) => existsSync(join(folder, name)))], stderr)
      .toEqual([1, kept]);
  });
});
