/** Messages keep their order from one sender to one receiver, however many senders there are. */
import { describe, expect, test } from "vitest";
import { runFlow, runtimes } from "./rig.ts";
import { SCRIPTED } from "./scripted.ts";

const MESSAGES = 400;
const SENDERS = ["a", "b", "c"];

function actor(steps: readonly unknown[] = [], more: object = {}): object {
  return { run: ["python3", SCRIPTED], protocol: "messages", args: { do: steps }, ...more };
}

/** Sends numbered messages, each of which has the receiver write who sent it and its number. */
function sender(name: string): object {
  const numbers = Array.from({ length: MESSAGES }, (_, n) => n);
  return actor(numbers.map((n) => ["send", "receiver", "T", { do: [["out", [name, n]]] }]));
}

describe.each(runtimes)("messages of several senders on $name", (runtime) => {
  test.each([
    ["in memory", {}],
    ["on disk", { mailbox: { size: 10, overflow: "spill" } }],
    ["at least once", { delivery: "at-least-once" }],
  ])("keep the order of each: %s", async (_, more) => {
    const senders = Object.fromEntries(SENDERS.map((name) => [name, sender(name)]));
    const { code, stdout, stderr } = await runFlow(runtime, {
      actors: { ...senders, receiver: actor([], more) },
      out: "receiver",
    });
    expect(code, stderr).toBe(0);
    const seen = stdout.trim().split("\n").map((line) => JSON.parse(line) as [string, number]);
    for (const name of SENDERS) {
      const numbers = seen.filter(([by]) => by === name).map(([, n]) => n);
      expect(numbers, name).toEqual(Array.from({ length: MESSAGES }, (_, n) => n));
    }
    expect(seen).toHaveLength(SENDERS.length * MESSAGES);
  });
});
