/** Who asks is answered, once: by the engine's own actors too, whatever he asks for. */
import { describe, expect, test } from "vitest";
import type { Ended, Runtime } from "./rig.ts";
import { runFlow, runtimes } from "./rig.ts";
import type { Step } from "./scripted.ts";
import { actor, SCRIPTED, silent } from "./scripted.ts";

/** What the actors wrote to their streams, and how it ended. */
async function play(
  runtime: Runtime,
  actors: Readonly<Record<string, object>>,
  top: object = {},
): Promise<Pick<Ended, "code" | "stderr"> & { readonly lines: readonly unknown[] }> {
  const { stdout, stderr, code } = await runFlow(runtime, { actors, ...top });
  const lines = stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as unknown);
  return { lines, stderr, code };
}

/** Nobody has to wait so long: an answer that does not come fails the test by its own patience. */
const PATIENT_MS = 600_000;

function ask(to: string, type: string, message: unknown): Step {
  return ["ask", to, type, message, PATIENT_MS];
}

/** System actor, message type, payload, and the code of the error; null is a good answer. */
const KNOWN: readonly (readonly [string, string, unknown, string | null])[] = [
  ["$timer", "Once", { id: 1, after: 2 ** 32 + 10 }, null],
  ["$timer", "Every", { id: 2, every: 1e12 }, null],
  ["$timer", "Cancel", { id: 1 }, null],
  ["$timer", "Cancel", { id: 2 }, null],
  ["$state", "Save", { n: 1 }, null],
  ["$state", "Load", {}, null],
  ["$registry", "List", {}, null],
  ["$log", "Log", { level: "info", text: "hi" }, null],
  ["$spawn", "Spawn", { name: "v", actor: { value: 1 } }, null],
  ["$spawn", "Depend", { on: "v" }, null],
  ["$spawn", "Alias", { name: "w", to: "v" }, null],
  ["$spawn", "Detach", { alias: "w" }, null],
  ["$spawn", "Stop", { name: "v" }, null],
];

const PAYLOADS: readonly unknown[] = [
  null,
  5,
  "text",
  [],
  [[1]],
  { id: { a: [] }, after: {}, every: "soon", name: 5, actor: 5, on: [], to: null, alias: {}, text: [1] },
];

/** What is answered to these, whatever they carry. */
const WELL = new Set(["$timer Cancel", "$state Save", "$state Load", "$registry List", "$log Log"]);

const SYSTEM = [...new Set(KNOWN.map(([to]) => to))];

describe.each(runtimes)("a request is answered once, on $name", (runtime) => {
  test("by each of the engine's own actors: known types", async () => {
    const { lines, code } = await play(runtime, {
      a: silent(KNOWN.map(([to, type, message]) => ask(to, type, message))),
    });
    expect([lines, code]).toEqual([
      KNOWN.map(([, , , error]) => expect.objectContaining({ error })),
      0,
    ]);
  });

  test("by each of the engine's own actors: unknown types", async () => {
    const types = ["Nonsense", "once", "", "Failure", "Reject"];
    const { lines, code } = await play(runtime, {
      a: actor(SYSTEM.flatMap((to) => types.map((type) => ask(to, type, {})))),
    });
    expect([lines, code]).toEqual([
      SYSTEM.flatMap(() => types.map(() => ({ answer: null, error: "NOT_UNDERSTOOD" }))),
      0,
    ]);
  });

  test("by each of the engine's own actors: payloads that make no sense", async () => {
    const types = KNOWN.map(([to, type]) => [to, type] as const);
    const { lines, code } = await play(runtime, {
      a: actor(types.flatMap(([to, type]) => PAYLOADS.map((payload) => ask(to, type, payload)))),
    });
    expect(lines.map((line) => (line as { readonly error: string | null }).error === null)).toEqual(
      types.flatMap(([to, type]) => PAYLOADS.map(() => WELL.has(`${to} ${type}`))),
    );
    expect(code).toBe(0);
  });

  test("when nobody takes it: no such actor, no key, a topic that is none or that nobody listens to", async () => {
    const publish = (topic: string): Step[] => [["asktopic", topic, "Q", {}, PATIENT_MS]];
    const { lines } = await play(runtime, {
      a: actor([
        ask("$nothing", "Q", {}),
        ask("$timer/x", "Q", {}),
        ask("nobody", "Q", {}),
        ask("a", "Q", {}),
        ask("b/key", "Q", {}),
        ask("keyed", "Q", {}),
        ...publish("a//b"),
        ...publish("nobody/listens"),
      ]),
      b: actor(),
      keyed: actor([], { supervisor: { type: "keyed", key: "/id" } }),
    });
    expect(lines).toEqual(
      ["NO_ACTOR", "NO_ACTOR", "NO_ACTOR", "DEADLOCK", "NO_ACTOR", "REJECTED", "REJECTED", "NO_ACTOR"]
        .map((error) => ({ answer: null, error })),
    );
  });

  test("when its receiver ends, was stopped, or has failed", async () => {
    const spawn = { run: ["python3", SCRIPTED], protocol: "messages" };
    const { lines } = await play(runtime, {
      a: actor([
        ask("b", "Q", { do: [["exit", 0]] }),
        ask("$spawn", "Spawn", { name: "c", actor: spawn }),
        ask("c", "Q", { do: [["reply", "A", "here"]] }),
        ask("$spawn", "Stop", { name: "c" }),
        ask("c", "Q", {}),
        ask("d", "Q", { do: [["exit", 3]] }),
        ask("d", "Q", {}),
      ]),
      b: actor(),
      d: actor(),
    }, { onFailure: "continue" });
    expect(lines.map((line) => (line as { readonly error: string | null }).error)).toEqual(
      ["LOST", null, null, null, "REJECTED", "LOST", "REJECTED"],
    );
  });

  test("though two answer, or the answer comes after its time", async () => {
    const twice = { do: [["reply", "A", { do: [["out", 1]] }], ["reply", "A", { do: [["out", 2]] }]] };
    const late = { do: [["wait", "go"], ["reply", "A", { do: [["out", "late"]] }]] };
    const { lines, stderr, code } = await play(runtime, {
      a: actor([
        ask("b", "Q", twice),
        ["ask", "c", "Q", late, 20],
        ["send", "c", "Go", { do: [["out", "end"]] }],
        ask("both", "Q", { do: [["reply", "A", { do: [["out", "both"]] }]] }),
      ]),
      b: actor(),
      c: silent(),
    }, { aliases: { both: ["b", "c"] } });
    expect(lines.filter((line) => typeof line !== "object")).toEqual(["end"]);
    expect([code, stderr.includes("was answered already")]).toEqual([0, true]);
    expect(lines.filter((line) => typeof line === "object")).toHaveLength(3);
  });
});
