import { describe, expect, test } from "vitest";
import { planFlow } from "../../../lib/graph/plan_flow.ts";
import { flowOf, messagesOf } from "../messages_of.ts";

const talker = { run: ["jq", "."], protocol: "messages" };
const kept = { run: ["seq", "3"], keep: true };

describe("checkFlow() reports `keep`", () => {
  test.each(["cache", "retry", "workers"])("beside %s", (key) => {
    const a = { run: ["cat"], in: "b", keep: true, [key]: key === "cache" ? true : 2 };
    expect(messagesOf({ actors: { a, b: { value: 1 } } })).toEqual([
      `actors.a.keep: Cannot keep what actor "a" writes: it has "${key}" (expected one of "keep" and "${key}")`,
    ]);
  });

  test("of what is no process, and of a message actor", () => {
    expect(messagesOf({ actors: { a: { value: 1, keep: true }, b: { ...talker, keep: true } } })).toEqual([
      expect.stringContaining("actors.a.keep: "),
      expect.stringContaining('actors.b.keep: Cannot use "keep" on message actor "b": '),
    ]);
  });
});

describe("planFlow() with `keep`", () => {
  const actors = { boss: talker, kept, plain: { run: ["true"] }, reader: { run: ["cat"], in: "kept" } };

  test("carries what is read through the engine, and takes everybody who may be read later", () => {
    const planned = planFlow(flowOf({ actors: { ...actors, alone: kept }, out: "reader" }));
    const plan = planned.ok ? planned.plan : undefined;
    expect(plan?.actors.map(({ name }) => name)).toEqual(["kept", "reader", "boss", "alone"]);
    expect(plan?.edges.map(({ carrier, reason }) => [carrier, reason])).toContainEqual([
      "relay",
      "kept for what is spawned later",
    ]);
  });

  test("leaves out who is not needed where nobody can spawn", () => {
    const planned = planFlow(flowOf({ actors: { kept, plain: { run: ["true"] } }, out: "plain" }));
    expect(planned.ok && planned.plan.actors.map(({ name }) => name)).toEqual(["plain"]);
  });
});
