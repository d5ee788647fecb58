/** What the engine refuses to its message actors is told: what was wrong, and what to do. */
import { describe, expect, test } from "vitest";
import { runFlow, runtimes } from "./rig.ts";
import { SCRIPTED } from "./scripted.ts";

const ASKS: readonly (readonly [to: string, type: string, message: object, code: string])[] = [
  ["$timer", "Every", { id: 1, every: 0 }, "BAD_TIMER"],
  ["$timer", "Every", { id: 1, every: -5 }, "BAD_TIMER"],
  ["$timer", "Every", { id: 1, every: "0s" }, "BAD_TIMER"],
  ["$timer", "Every", { id: 1, every: "NaN" }, "BAD_TIMER"],
  ["$timer", "Every", { id: 1, every: 1e300 }, "BAD_TIMER"],
  ["$timer", "Once", { id: 1, after: 1e300 }, "BAD_TIMER"],
  ["$spawn", "Spawn", { actor: { run: ["true"] } }, "BAD_ACTOR"],
  ["$spawn", "Spawn", { name: "x", actor: { run: ["/no/such"] } }, "BAD_ACTOR"],
  ["$spawn", "Spawn", { name: "x", actor: { run: ["true"], timeout: "1s" } }, "BAD_ACTOR"],
];

describe.each(runtimes)("asks that are refused on $name", (runtime) => {
  test("are answered, each with its code", async () => {
    const steps = ASKS.map(([to, type, message]) => ["ask", to, type, message, 20_000]);
    const a = { run: ["python3", SCRIPTED], protocol: "messages", args: { do: steps } };
    const { stdout, stderr, code } = await runFlow(runtime, { actors: { a } });
    const codes = stdout.trim().split("\n").map((line) => (JSON.parse(line) as { error: string }).error);
    expect([code, codes], stderr).toEqual([0, ASKS.map((ask) => ask[3])]);
  });

  test("are told when nobody looks for an answer, and fail the run", async () => {
    const steps = [["send", "$timer", "Once", { id: 1, after: -5 }], ["send", "$flow", "Finish", {
      code: "x",
    }]];
    const a = { run: ["python3", SCRIPTED], protocol: "messages", args: { do: steps } };
    const { stderr, code } = await runFlow(runtime, { actors: { a } });
    expect(code, stderr).toBe(1);
    expect(stderr).toContain('Cannot deliver "Once" of "a" to "$timer": Cannot set timer 1: "after" is -5');
    expect(stderr).toContain('A message "Finish" of "a" to "$flow" was not handled: Cannot finish');
  });

  test.each([
    ["Spawn", { name: "x", actor: { run: ["/no/such"] } }, 'Cannot spawn "x"'],
    ["Spawn", { name: "a", actor: { run: ["true"] } }, "Actor 'a' is there already"],
    ["Depend", { on: "nobody" }, "Actor 'nobody' not found"],
    ["Alias", { name: "", to: "a" }, "An alias needs a name"],
    ["Detach", { alias: "none" }, "Alias 'none' not found"],
    ["Stop", { name: "nobody" }, "Actor 'nobody' not found"],
  ])("are told when they are for $spawn: %s %j", async (type, message, reason) => {
    const a = { run: ["python3", SCRIPTED], protocol: "messages" };
    const does = { do: [["send", "$spawn", type, message]] };
    const told = await runFlow(runtime, { actors: { a: { ...a, args: does } } });
    expect(told.code, told.stderr).toBe(1);
    expect(told.stderr).toContain(`"${type}" of "a" to "$spawn"`);
    expect(told.stderr).toContain(reason);
    // The flow says that the actor takes it.
    const handled = await runFlow(runtime, { actors: { a: { ...a, args: does, accepts: ["Failure"] } } });
    expect([handled.code, handled.stderr.includes("$spawn")], handled.stderr).toEqual([0, false]);
  });

  test("to start one again that ends at once: that is told as it is", async () => {
    const restart = { policy: "always", intensity: 2, backoff: "1ms" };
    const { stderr, code } = await runFlow(runtime, {
      actors: { a: { run: ["true"], protocol: "messages", restart } },
    });
    expect([code, stderr.includes("0 messages"), stderr.includes("ended well, again and again")], stderr)
      .toEqual([1, false, true]);
  });
});
