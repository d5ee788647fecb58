import { describe, expect, test } from "vitest";
import { flowOf, messagesOf } from "../messages_of.ts";

/** The limits of each actor that has these in the flow. */
function limitsOf(...limits: readonly object[]): readonly unknown[] {
  const actors = limits.map((each, at) => [`a${at}`, { run: ["true"], limits: each }] as const);
  const flow = flowOf({ actors: Object.fromEntries(actors) });
  return [...flow.actors.values()].map((actor) => actor.limits);
}

describe("checkLimits()", () => {
  test("gives bytes, milliseconds and files, what is there only", () => {
    expect(
      limitsOf(
        { memory: "512MiB", cpu: "30s", files: 64 },
        { memory: "1.5GB" },
        { cpu: "2m" },
        { files: 4 },
        {},
      ),
    )
      .toEqual([
        { memoryBytes: 512 * 1024 ** 2, cpuMs: 30_000, files: 64 },
        { memoryBytes: 1.5e9 },
        { cpuMs: 120_000 },
        { files: 4 },
        {},
      ]);
  });

  test("rounds processor time up to whole seconds", () => {
    expect(limitsOf({ cpu: "1ms" }, { cpu: "1000ms" }, { cpu: "1.001s" })).toEqual([
      { cpuMs: 1000 },
      { cpuMs: 1000 },
      { cpuMs: 2000 },
    ]);
  });

  test("leaves out what is not there", () => {
    const flow = flowOf({ actors: { a: { run: ["true"] } } });
    expect(Object.keys(flow.actors.get("a") ?? {})).not.toContain("limits");
  });

  test("reports all that are wrong, each at its place", () => {
    const a = { run: ["true"], limits: { memory: "64", cpu: "0s", files: 3 } };
    const b = { sh: "true", limits: { memory: "0B", cpu: 30, files: 4.5 } };
    const c = { sh: "true", limits: { cpu: "8761h", file: 64, x: 1 } };
    const d = { sh: "true", limits: ["512MiB"] };
    const sizes = '(expected an amount of bytes with its unit, such as "512KiB", "64MiB", "8GiB" or "0B")';
    const times = '(expected a duration with its unit, such as "500ms", "5s", "2m" or "1h")';
    const example = '(expected an object such as {"memory": "512MiB", "cpu": "30s", "files": 64})';
    const files = "(expected a number of open files from 4 to 2147483584)";
    expect([...messagesOf({ actors: { a, b, c, d } })].sort()).toEqual([
      'actors.a.limits.cpu: Cannot read "cpu": "0s": nothing can be done in no time (expected more than 0)',
      `actors.a.limits.files: Cannot read "files": it is the number 3 ${files}`,
      `actors.a.limits.memory: Cannot read "memory": it is the string "64" ${sizes}`,
      `actors.b.limits.cpu: Cannot read "cpu": it is the number 30 ${times}`,
      `actors.b.limits.files: Cannot read "files": it is the number 4.5 ${files}`,
      'actors.b.limits.memory: Cannot read "memory": "0B": nothing can run in no memory (expected more than 0)',
      'actors.c.limits.cpu: Cannot read "cpu": "8761h": it is too long (expected at most "8760h")',
      'actors.c.limits.file: Cannot use key "file": "limits" has no such key (did you mean "files"?)',
      'actors.c.limits.x: Cannot use key "x": "limits" has no such key (expected one of memory, cpu, files, message)',
      `actors.d.limits: Cannot read "limits": it is a list ${example}`,
    ]);
  });

  test.each([["value", { value: "x" }], ["file", { file: "/x" }], ["stdin", { stdin: true }]])(
    "is of no use to a %s",
    (_, source) => {
      const s = { ...source, limits: { memory: "1GiB" } };
      expect(messagesOf({ actors: { s, a: { run: ["cat"], in: "s" } } })).toEqual([
        'actors.s.limits: Cannot use "limits" on actor "s": only a process (run, sh) has limits',
      ]);
    },
  );

  test("tells the flow's limits from those of an actor", () => {
    const actors = { a: { run: ["true"], limits: { spill: "1GiB" } } };
    expect(messagesOf({ limits: { cpu: "1s" }, actors })).toEqual([
      'limits.cpu: Cannot use key "cpu": "limits" has no such key (expected one of processes, memory, spill)',
      'actors.a.limits.spill: Cannot use key "spill": "limits" has no such key (expected one of memory, cpu, files, message)',
    ]);
  });
});
