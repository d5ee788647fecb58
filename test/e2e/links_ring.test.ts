/** A ring of links, wherever a file is expected; and actors that nothing needs. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes, startCommand } from "./rig.ts";

describe.each(runtimes)("on $name", (runtime) => {
  it("a ring of links is told as that, whatever it was to be", async () => {
    const out = { "-": "c" };
    const folder = makeFolder({
      "file.json": { actors: { c: { file: "ring.csv" } }, out },
      "use.json": { actors: { c: { use: "ring.csv" } }, out },
      "table.json": { sets: { n: { table: "ring.csv" } }, actors: { c: { each: "n", run: ["echo"] } }, out },
      "ok.json": { actors: { c: { run: ["true"] } } },
    });
    symlinkSync("other", join(folder, "ring.csv"));
    symlinkSync("ring.csv", join(folder, "other"));
    for (const name of ["file", "use", "table"]) {
      const { code, stdout, stderr } = await run(runtime, [`${name}.json`], { cwd: folder });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr, name).toContain("its links lead round in a ring (expected ");
      expect(stderr).not.toContain("ELOOP");
    }
    const [program = "", ...args] = runtime.command;
    // Node reads such a file itself, unless -- stands before the program.
    const command = [program, ...(runtime.name === "node" ? ["--"] : []), ...args];
    const { code, stderr } = await startCommand([...command, "ok.json", "--env-file", "ring.csv"], {
      cwd: folder,
    }).ended;
    expect(code).toBe(2);
    expect(stderr).toContain(
      'Cannot read the variables of "ring.csv": its links lead round in a ring (expected',
    );
  });

  it("an actor that out does not need is not started, and check names it", async () => {
    const flow = { actors: { a: { sh: "echo a" }, b: { sh: "echo b >&2" }, v: { value: "" } }, out: "a" };
    const folder = makeFolder({ "flow.json": flow });
    const ran = await run(runtime, ["flow.json"], { cwd: folder });
    expect(ran).toMatchObject({ code: 0, stdout: "a\n", stderr: "" });
    const checked = await run(runtime, ["check", "flow.json"], { cwd: folder });
    expect(checked.code).toBe(0);
    expect(checked.stdout).toContain('Not started, because nothing in "out" needs them: b\n');
    const { stdout } = await run(runtime, ["check", "flow.json", "--json"], { cwd: folder });
    expect(JSON.parse(stdout)).toMatchObject({ unneeded: ["b"] });
  });
});
