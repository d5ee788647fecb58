import { describe, expect, test } from "vitest";
import { ALL_ROOMS } from "../../../lib/flow/check/all_rooms.ts";
import { checkFlow } from "../../../lib/flow/check/check_flow.ts";
import { messagesOf } from "../messages_of.ts";

const base = { run: ["cat"], protocol: "messages" };

function messagingOf(actor: object) {
  const checked = checkFlow({ actors: { a: { ...base, ...actor } } }, { folder: "/", rooms: ALL_ROOMS });
  return checked.ok ? checked.flow.actors.get("a")?.messaging : checked.issues;
}

describe("checkFlow() of message actors", () => {
  test("fills in what is not said", () => {
    expect(messagingOf({})).toEqual({
      supervisor: { type: "singleton" },
      subscribe: [],
      mailbox: { size: 1000, overflow: "block" },
      restart: { policy: "never", intensity: 3, periodMs: 10_000, backoffMs: 100 },
      delivery: "at-most-once",
      deliveriesMax: 3,
      lineBytesMax: 1024 * 1024,
      args: "null",
      records: "Record",
    });
  });

  test("reads all keys", () => {
    expect(messagingOf({
      supervisor: { type: "keyed", key: "/a~1b/0", hosts: 4, idle: "30s" },
      subscribe: ["a/**/*", "b/$*$*"],
      mailbox: { size: 5, overflow: "spill" },
      restart: { intensity: 1, period: "1m", backoff: "0ms" },
      delivery: "at-least-once",
      retry: { max: 7 },
      limits: { message: "2KiB" },
      accepts: ["Ping"],
      emits: ["Pong"],
      args: { x: [1] },
      records: "Line",
    })).toEqual({
      supervisor: { type: "keyed", key: ["a/b", "0"], hosts: 4, idleMs: 30_000 },
      subscribe: ["a/*/**", "b/*"],
      mailbox: { size: 5, overflow: "spill" },
      restart: { policy: "on-failure", intensity: 1, periodMs: 60_000, backoffMs: 0 },
      delivery: "at-least-once",
      deliveriesMax: 7,
      lineBytesMax: 2048,
      accepts: ["Ping"],
      emits: ["Pong"],
      args: '{"x":[1]}',
      records: "Line",
    });
  });

  test.each<[string, object, readonly string[]]>([
    ["a key of messages on bytes", { run: ["cat"], mailbox: {} }, [
      'actors.a.mailbox: Cannot use "mailbox" on actor "a": it does not talk in messages (expected "protocol": "messages" beside it)',
    ]],
    ["a pool without a size", { ...base, supervisor: { type: "pool" } }, [
      'actors.a.supervisor: Cannot make the pool "a": it has no size (expected such as "size": 4)',
    ]],
    ["a key of another supervisor", { ...base, supervisor: { type: "singleton", hosts: 2 } }, [
      'actors.a.supervisor.hosts: Cannot use "hosts" on a singleton supervisor: only "keyed" has it',
    ]],
    ["a slip of the finger", { ...base, mailbox: { sise: 3 } }, [
      'actors.a.mailbox.sise: Cannot use key "sise": "mailbox" has no such key (did you mean "size"?)',
    ]],
    ["a wrong mode", { ...base, mailbox: { overflow: "drop" } }, [
      'actors.a.mailbox.overflow: Cannot read "overflow": it is the string "drop" (expected "block", "spill", "reject" or "drop-oldest")',
    ]],
    ["a wrong expression", { ...base, subscribe: ["a", "a//b"] }, [
      'actors.a.subscribe[1]: Cannot subscribe to "a//b": it has an empty chunk (expected no / at the beginning or end, and no two in a row)',
    ]],
    ["workers", { ...base, workers: 2, in: [] }, [
      'actors.a.workers: Cannot use "workers" on message actor "a": several processes are a supervisor, such as {"type": "pool", "size": 4}',
    ]],
    ["an output", { ...base, outputs: { audit: 3 } }, [
      'actors.a.outputs: Cannot use "outputs" on message actor "a": it writes envelopes and one stream of records',
    ]],
    ["a retry that waits", { ...base, retry: { max: 3, backoff: "1s" } }, [
      'actors.a.retry.backoff: Cannot use "backoff" in "retry" of message actor "a": its messages are delivered again when it is started again (expected "max" alone, and "restart")',
    ]],
    ["a line of nothing", { ...base, limits: { message: "0B" } }, [
      'actors.a.limits.message: Cannot limit messages of actor "a" to "0B": it is nothing (expected at most "64MiB")',
    ]],
    ["a protocol of its own", { run: ["cat"], protocol: "message" }, [
      'actors.a.protocol: Cannot read "protocol": it is the string "message" (expected "bytes" or "messages")',
    ]],
  ])("reports %s", (_, actor, messages) => {
    expect(messagesOf({ actors: { a: actor } }).filter((text) => !text.includes("workers: they share")))
      .toEqual(messages);
  });

  test("reads several streams of message actors line by line", () => {
    const checked = checkFlow({
      actors: { a: base, b: base, c: { run: ["cat"], in: ["a", "b"] }, d: { run: ["cat"], in: ["c"] } },
    }, { folder: "/", rooms: ALL_ROOMS });
    expect(checked.ok && [...checked.flow.actors.values()].map(({ inputs }) => inputs[0]?.merge)).toEqual([
      undefined,
      undefined,
      "lines",
      "concat",
    ]);
  });
});
