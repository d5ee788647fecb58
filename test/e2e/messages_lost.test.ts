/** Messages that nobody handles: the run has failed, and says which; unless somebody takes dead letters. */
import { describe, expect, test } from "vitest";
import type { Ended, Runtime } from "./rig.ts";
import { makeFolder, runtimes, start } from "./rig.ts";
import { actor } from "./scripted.ts";

/** Answers each record with the line that jq makes of it. */
function answering(line: string): object {
  const filter = `select(.message_type == "Record") | ${line}`;
  return { run: ["jq", "-c", "--unbuffered", filter], protocol: "messages", in: "lines" };
}

async function play(runtime: Runtime, actors: object, top: object = {}): Promise<Ended> {
  const folder = makeFolder({ "flow.json": { actors: { lines: { value: "1\n2\n" }, ...actors }, ...top } });
  return await start(runtime, ["flow.json", "--json"], { cwd: folder }).ended;
}

interface Shown {
  readonly exitCode: number;
  readonly failures: readonly Readonly<Record<string, unknown>>[];
  readonly actors: Readonly<Record<string, { readonly processes?: number; readonly messagesIn?: number }>>;
}

function resultOf({ stderr }: Ended): Shown {
  const line = stderr.split("\n").findLast((each) => each.startsWith('{"id"') || each.includes('"exitCode"'));
  return JSON.parse(line ?? "null") as Shown;
}

const DEAD = { aliases: { "dead-letter": "letters" } };
const TWO = { aliases: { "dead-letter": ["b", "c"] } };
const LETTERS = { letters: actor() };

const LOST: Readonly<Record<string, { readonly actors: object; readonly lost: object }>> = {
  "no such actor": {
    actors: { a: answering('{receiver: "nobody", message_type: "T", message}') },
    lost: { code: "NO_ACTOR", sender: "a", receiver: "nobody", messageType: "T", count: 2 },
  },
  "a record that has failed": {
    actors: {
      a: answering(
        '{message_type: "Failure", correlation_id: .message_id, error: {code: "BAD", message: "no"}}',
      ),
    },
    lost: { code: "HANDLER_ERROR", reason: "BAD: no", sender: "", receiver: "a", count: 2 },
  },
  "a route with an error": {
    actors: {
      a: answering(
        '{message_type: "Failure", route: {actors: ["a"], current: 0}, error: {code: "BAD", message: "no"}}',
      ),
    },
    lost: { code: "HANDLER_ERROR", reason: "BAD: no", receiver: "a", count: 2 },
  },
  "a route that is none": {
    actors: { a: answering("{route: {actors: 5}, message}") },
    lost: { code: "BAD_ROUTE", sender: "a", count: 2 },
  },
  "a message that was refused": {
    actors: { a: answering('{nack: .message_id, error: {message: "no"}}') },
    lost: { code: "HANDLER_ERROR", reason: "no", sender: "", receiver: "a", count: 2 },
  },
};

describe.each(runtimes)("lost messages on $name", (runtime) => {
  test.each(Object.entries(LOST))("%s", async (_, { actors, lost }) => {
    const ended = await play(runtime, actors);
    const { exitCode, failures } = resultOf(ended);
    expect([ended.code, exitCode, ended.stdout, failures], ended.stderr).toEqual([1, 1, "", [
      expect.objectContaining({ kind: "message", ...lost }),
    ]]);
  });

  test("are dead letters where somebody takes them, and so is what has failed at an end of its own", async () => {
    const [first, second, , , last] = Object.values(LOST).map(({ actors }) => actors);
    const all = Object.assign(
      {},
      ...[first, second, last].map((actors, index) => ({
        [`a${index}`]: Object.values(actors ?? {})[0] as object,
      })),
    ) as object;
    const { code, stdout, stderr } = await play(runtime, { ...all, ...LETTERS }, DEAD);
    expect([code, stdout.match(/"rejected"/g)?.length], stderr).toEqual([0, 6]);
    const errors = await play(runtime, {
      a: Object.values(second ?? {})[0] as object,
      errors: actor([], { subscribe: [] }),
    }, { aliases: { "error-end": "errors" } });
    expect([errors.code, errors.stdout], errors.stderr).toEqual([0, ""]);
  });

  test.each([
    ["refuses", 'select(.message_type == "Reject") | {nack: .message_id, error: {message: "no"}}'],
    [
      "fails for",
      'select(.message_type == "Reject") | {message_type: "Failure", correlation_id: .message_id, error: {message: "no"}}',
    ],
  ])("are dead letters that their own actor %s", async (_, filter) => {
    const ended = await play(runtime, {
      a: answering('{receiver: "nobody", message_type: "T", message}'),
      letters: { run: ["jq", "-c", "--unbuffered", filter], protocol: "messages" },
    }, DEAD);
    expect([ended.code, resultOf(ended).failures], ended.stderr).toEqual([1, [
      expect.objectContaining({ kind: "message", code: "HANDLER_ERROR", receiver: "letters", count: 2 }),
    ]]);
  });

  const said = 'select(.message_type != "Start" and .message_type != "Shutdown")';
  test.each([
    [
      "with an error",
      `${said} | {message_type: "Failure", correlation_id: .message_id, error: {message: "no"}}`,
    ],
    ["by the message", `${said} | {correlation_id: .message_id, message}`],
    ["by its sender", `${said} | {receiver: .sender_actor, message_type: "Pong", message}`],
    ["by both", `${said} | {receiver: .sender_actor, correlation_id: .message_id, message}`],
  ])("do not go round for ever when those who get them answer %s", async (_, filter) => {
    const answers = { run: ["jq", "-c", "--unbuffered", filter], protocol: "messages" };
    const lost = 'select(.message_type == "Start") | {receiver: "nobody", message_type: "T"}';
    const a = { run: ["jq", "-c", "--unbuffered", `(${lost}), (${filter})`], protocol: "messages" };
    // Who gets his own back, and two who get each other's.
    for (const [actors, top] of [[{ a }, {}], [{ a, b: answers, c: answers }, TWO]] as const) {
      const ended = await play(runtime, actors, top);
      expect(ended.code, ended.stderr).toBe(1);
      expect(resultOf(ended).failures).toContainEqual(expect.objectContaining({ kind: "message" }));
    }
  });

  // Who acknowledges, and who does not; one for each, and two.
  test.each([
    ["jq", '{receiver: "nobody", message_type: "A"}'],
    ["jq, twice", '{receiver: ("nobody", "noone"), message_type: "A"}'],
    ["jq, by acknowledgement", '{receiver: "nobody", message_type: "A"}, {ack: .message_id}'],
  ])("come to an end when their sender answers each Reject with one more: %s", async (_, filter) => {
    const a = { run: ["jq", "-c", "--unbuffered", filter], protocol: "messages" };
    const ended = await play(runtime, { a });
    expect(ended.code, ended.stderr).toBe(1);
    const { failures } = resultOf(ended);
    expect(failures).toContainEqual(expect.objectContaining({ code: "NO_ACTOR", receiver: "nobody" }));
    expect(failures.every(({ kind, sender }) => kind === "message" && sender === "a")).toBe(true);
  });

  test("come back all, however many, to who has sent them before the first of them", async () => {
    const filter = 'if .message_type == "Start" then range(1500) as $n | {receiver: "nobody", message: $n} ' +
      'elif .message_type == "Reject" then {message: 1} else empty end, {ack: .message_id}';
    const a = { run: ["jq", "-c", "--unbuffered", filter], protocol: "messages" };
    const ended = await play(runtime, { a }, { out: "a" });
    expect([ended.code, ended.stdout.split("\n").length - 1], ended.stderr).toEqual([1, 1500]);
  });

  test("are those of a type that the engine has, too", async () => {
    const { failures } = resultOf(
      await play(runtime, { a: answering('{receiver: "nobody", message_type: "Reject"}') }),
    );
    expect(failures).toEqual([
      expect.objectContaining({ kind: "message", code: "NO_ACTOR", messageType: "Reject", count: 2 }),
    ]);
  });

  test("are those that an actor ends without reading: it is not started for ever", async () => {
    const ended = await play(runtime, {
      a: actor([["repeat", 44, ["send", "deaf", "T", {}], ["sleep", 0.01]]]),
      deaf: { run: ["true"], protocol: "messages", restart: { intensity: 3, backoff: "1ms" } },
    });
    const { failures, actors } = resultOf(ended);
    expect([ended.code, actors["deaf"]?.messagesIn], ended.stderr).toEqual([1, 0]);
    // One at the start, and one or two for each of the failures: what is started again may have nothing to take.
    expect(actors["deaf"]?.processes).toBeLessThan(10);
    expect(failures).toContainEqual(expect.objectContaining({ kind: "unread", actor: "deaf" }));
  });

  test("are those that are sent when everybody was told to end", async () => {
    const late = 'if .message_type == "Shutdown" then {receiver: "b", message_type: "Late"} else empty end';
    const ended = await play(runtime, {
      a: { run: ["jq", "-c", "--unbuffered", late], protocol: "messages" },
      b: actor(),
    });
    expect([ended.code, resultOf(ended).failures], ended.stderr).toEqual([1, [
      expect.objectContaining({ kind: "message", code: "ENDED", messageType: "Late" }),
    ]]);
  });
});
