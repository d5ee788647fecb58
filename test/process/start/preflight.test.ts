import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, expect, test } from "vitest";
import { flow, type FlowDefinition } from "../../../lib/flow/builder.ts";
import { planFlow } from "../../../lib/graph/plan_flow.ts";
import { findProgram, preflight } from "../../../lib/process/start/preflight.ts";

const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "plain.txt"), "text");
mkdirSync(join(folder, "sub"));
writeFileSync(join(folder, "tool"), "#!/bin/sh\n");
chmodSync(join(folder, "tool"), 0o755);

/** `path: message` for each issue, with the folder as `~`. */
function issuesOf(definition: FlowDefinition): readonly string[] {
  const planned = planFlow(flow(definition, { folder }));
  if (!planned.ok) throw new Error("The plan has issues");
  return preflight(planned.plan).map(({ path, message }) =>
    `${path.join(".")}: ${message}`.replaceAll(folder, "~")
  );
}

test("preflight() finds nothing wrong with a flow that can run", () => {
  const definition: FlowDefinition = {
    actors: {
      f: { file: "plain.txt" },
      a: { run: ["cat"], in: "f" },
      b: { run: ["./tool"], cwd: "sub" },
      c: { sh: "anything goes" },
    },
    out: { "-": "a", "out.txt": "b", "/dev/null": "c", "plain.txt": "b" },
  };
  expect(issuesOf(definition)).toEqual([]);
});

test("preflight() reports everything that is missing at once, with the remedy", () => {
  const definition: FlowDefinition = {
    actors: {
      a: { run: ["no-such-program"] },
      b: { run: ["./none"] },
      c: { run: ["./plain.txt"] },
      d: { run: ["./sub"] },
      e: { run: ["cat"], cwd: "none" },
      f: { file: "none.txt" },
      g: { file: "sub" },
      h: { run: ["cat"], in: ["f", "g"] },
    },
    out: { "-": ["a", "b", "c", "d", "e", "h"], "none/x.txt": "h", "sub": "h" },
  };
  expect(issuesOf(definition)).toEqual([
    'actors.a.run.0: Cannot run "no-such-program": there is no such program in PATH (install it, or give its path)',
    'actors.b.run.0: Cannot run "~/none": there is no such file (expected a program)',
    'actors.c.run.0: Cannot run "~/plain.txt": it may not be executed (expected permission; try chmod +x ~/plain.txt)',
    'actors.d.run.0: Cannot run "~/sub": it is a folder (expected a program)',
    'actors.e.cwd: Cannot work in "~/none": there is no such folder (expected a folder that exists)',
    'actors.f.file: Cannot read "~/none.txt": there is no such file (expected a file that exists)',
    'actors.g.file: Cannot read "~/sub": it is a folder (expected a file)',
    expect.stringContaining('Cannot write "~/none/x.txt"'),
    expect.stringContaining('Cannot write "~/sub"'),
  ]);
});

test("preflight() blames an output by its key", () => {
  const define = (out: FlowDefinition["out"]): FlowDefinition => ({ actors: { a: { run: ["cat"] } }, out });
  const blamed = (out: FlowDefinition["out"]) => {
    const planned = planFlow(flow(define(out), { folder }));
    if (!planned.ok) throw new Error("The plan has issues");
    return preflight(planned.plan).map(({ path, at }) => ({ path, at }));
  };
  expect(blamed({ "-": "a", "none/x.txt": "a", "./sub": "a" })).toEqual([
    { path: ["out", "none/x.txt"], at: "key" },
    { path: ["out", "./sub"], at: "key" },
  ]);
  symlinkSync(join(folder, "one.txt"), join(folder, "other.txt"));
  expect(blamed({ "one.txt": "a", "other.txt": "a" })).toEqual([{ path: ["out", "other.txt"], at: "key" }]);
});

test("preflight() looks for a program with a slash from the flow's folder, as the system follows links", () => {
  const at = (path: string) => join(folder, path);
  mkdirSync(at("here/deep"), { recursive: true });
  mkdirSync(at("there"));
  symlinkSync(at("here/deep"), at("there/link"));
  writeFileSync(at("here/own"), "");
  chmodSync(at("here/own"), 0o755);
  const actors = {
    a: { run: ["./here/own"], cwd: "there" },
    b: { run: ["./own"], cwd: "here" },
    // The system follows the link first.
    c: { run: ["there/link/../own"], cwd: "here" },
  } as const;
  expect(issuesOf({ actors, out: ["a", "b", "c"] })).toEqual([
    'actors.b.run.0: Cannot run "~/own": there is no such file (expected a program)',
  ]);
});

test("preflight() searches the PATH that the actor will have", () => {
  expect(issuesOf({ actors: { a: { run: ["tool"], env: { PATH: folder } } } })).toEqual([]);
  expect(issuesOf({ actors: { a: { run: ["cat"], env: { PATH: folder } } } })).toHaveLength(1);
});

test("findProgram() goes on where a name is found that may not be executed, and follows links", () => {
  mkdirSync(join(folder, "first"));
  mkdirSync(join(folder, "second"));
  writeFileSync(join(folder, "first", "prog"), "");
  symlinkSync(join(folder, "tool"), join(folder, "second", "prog"));
  const path = `${join(folder, "first")}:${join(folder, "second")}`;
  expect(findProgram("prog", { path, folder: "/" })).toBe(join(folder, "second", "prog"));
  expect(findProgram("prog", { path: "first:second", folder })).toBe(join(folder, "second", "prog"));
  expect(findProgram("none", { path: process.env["PATH"], folder })).toBeUndefined();
});
