/** What a flow was read from it does not write, by any name; what its actors read it may: that is read first. */
import { linkSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes } from "./rig.ts";

const USED = { actors: { w: { run: ["echo", "used"] } } };

/** A flow that writes what it was read from, and what is said of it. */
const flowWith = (target: string): object => ({
  sets: { s: { table: "table.csv" } },
  actors: {
    starter: { sh: "touch started" },
    text: { file: "text" },
    u: { use: "used.json" },
    a: { each: "s", run: ["echo", "{s.x}"] },
  },
  out: { "-": ["starter", "u", "a"], [target]: "text" },
});

const TARGETS: readonly (readonly [string, string])[] = [
  ["flow.json", "it is this flow"],
  ["soft-flow.json", "it is this flow"],
  ["hard-flow.json", "it is this flow"],
  ["used.json", "this flow was read from it"],
  ["hard-used.json", "this flow was read from it"],
  ["table.csv", "this flow was read from it"],
];

describe.each(runtimes)("what a run reads on $name", (runtime) => {
  it.each(["text", "soft", "hard"])("may be written by an actor that reads it: %s", async (target) => {
    const lines = Array.from({ length: 50_000 }, (_, index) => `${index + 1}\n`);
    const flow = {
      actors: { text: { file: "text" }, a: { run: ["sort", "-n"], in: "text" } },
      out: { [target]: "a" },
    };
    const folder = makeFolder({ "flow.json": flow, text: lines.toReversed().join("") });
    symlinkSync("text", join(folder, "soft"));
    if (target === "hard") linkSync(join(folder, "text"), join(folder, "hard"));
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(readFileSync(join(folder, "text"), "utf8")).toBe(lines.join(""));
  });

  it.each(TARGETS)("is not written: %s", async (target, says) => {
    const flow = flowWith(target);
    const files = { "flow.json": flow, "used.json": USED, "table.csv": "x\n1\n", text: "text\n" };
    const folder = makeFolder(files);
    for (const name of ["flow.json", "used.json", "text"]) {
      linkSync(join(folder, name), join(folder, `hard-${name}`));
      symlinkSync(name, join(folder, `soft-${name}`));
    }
    const { code, stdout, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(
      `Cannot write "${join(folder, target)}": ${says} (expected another file)`,
    );
    const read = (name: string): string => readFileSync(join(folder, name), "utf8");
    expect([read("flow.json"), read("used.json"), read("table.csv"), read("text")]).toEqual([
      JSON.stringify(flow),
      JSON.stringify(USED),
      "x\n1\n",
      "text\n",
    ]);
  });
});
