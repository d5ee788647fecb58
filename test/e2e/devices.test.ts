/** Files that are devices: a terminal, made by `script`, whose reader waits until somebody types. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, runtimes, startCommand } from "./rig.ts";
import type { Runtime, Started } from "./rig.ts";

const hasScript = spawnSync("script", ["--version"]).status === 0;

/** Runs a flow on a terminal of its own, on which nobody types yet. */
function startOnTerminal({ command }: Runtime, flow: object): Started & { readonly folder: string } {
  const folder = makeFolder({ "flow.json": flow });
  const line = [...command, join(folder, "flow.json")].map((word) => `'${word}'`).join(" ");
  return { folder, ...startCommand(["script", "-qec", line, "/dev/null"], { stdin: "open" }) };
}

describe.skipIf(!hasScript).each(runtimes)("a terminal as a file on $name", (runtime) => {
  it("that nobody types on is waited for until the timeout, and no longer", async () => {
    const waits = startOnTerminal(runtime, {
      timeout: "300ms",
      actors: {
        tty: { file: "/dev/tty" },
        rest: { value: "rest\n" },
        copy: { run: ["cat"], in: ["tty", "rest"] },
      },
    });
    const { code, stdout } = await waits.ended;
    waits.child.stdin?.end();
    expect(code, stdout).toBe(4);
    expect(stdout).toContain("The flow has run for 300 ms, its timeout");
  });

  it("gives all lines to each of its readers", async () => {
    const types = startOnTerminal(runtime, {
      actors: {
        tty: { file: "/dev/tty" },
        a: { run: ["cat"], in: "tty" },
        b: { run: ["head", "-n", "3"], in: "tty" },
      },
      out: { "a.txt": "a", "b.txt": "b" },
    });
    types.child.stdin?.end("one\ntwo\nthree\n"); // `script` goes on with the end of what is typed.
    const { code, stdout } = await types.ended;
    expect(code, stdout).toBe(0);
    for (const name of ["a.txt", "b.txt"]) {
      expect(readFileSync(join(types.folder, name), "utf8")).toBe("one\ntwo\nthree\n");
    }
  });
});
