/** Files of `out` for members, where there is no place for them. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes } from "./rig.ts";

const OVER = { each: "s", run: ["echo", "{s}"] };

describe.each(runtimes)("on $name", (runtime) => {
  it("below a file is no folder for members, which is told before anything is started", async () => {
    const flow = { sets: { s: { values: ["a"] } }, actors: { a: OVER }, out: { "file/in/{s}": "a" } };
    const folder = makeFolder({ "flow.json": flow, "file": "" });
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(
        `Cannot write "${folder}/file/in/a": its folder: a part of its path is no folder (expected a folder`,
      ),
    });
  });

  it("a member of a stream for whose file there is no place fails by name, and the others have theirs", async () => {
    const flow = {
      sets: { s: { stream: "v" } },
      actors: { v: { value: "x\nfile/y\nz\n.\n" }, a: OVER },
      out: { "{s}": "a" },
      onFailure: "continue",
    };
    const folder = makeFolder({ "flow.json": flow, "file": "" });
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain(`Cannot make actor "a[file/y]": Cannot write "${folder}/file/y": `);
    expect(stderr).toContain(
      'Cannot make actor "a[.]": Cannot write "{s}": it is a folder (expected a file)',
    );
    expect(readdirSync(folder).sort()).toEqual(["file", "flow.json", "x", "z"]);
    expect(existsSync(join(folder, "file/y"))).toBe(false);
  });
});
