/** A working directory that was removed: one sentence, exit 2, and no other folder in its place. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runScript } from "./library_rig.ts";
import { makeFolder, runtimes, startCommand } from "./rig.ts";

const SENTENCE = "Cannot tell the working directory: it was removed (change to a folder that exists)";

describe.each(runtimes)("without a working directory on $name", (runtime) => {
  it("run() says so", async () => {
    const said = await runScript(
      runtime,
      `
      const { rmdirSync } = await import("node:fs");
      rmdirSync(process.cwd());
      await tell("relative", () => run(flow({ actors: { a: { run: ["echo"] } } })));
      `,
      { cwd: makeFolder() },
    );
    // Node and Bun remember the folder's name, and find that there is none.
    const sentence = runtime.name === "deno" ? /it was removed/ : /Cannot work in .* there is no such folder/;
    expect(said).toEqual({ relative: ["rejected", expect.stringMatching(sentence)] });
  });

  // Deno itself does not start in such a folder.
  it.runIf(runtime.name !== "deno")("the program says so", async () => {
    const flow = join(makeFolder({ "flow.json": { actors: { a: { run: ["echo"] } } } }), "flow.json");
    for (const args of [[flow, "--db", "run.db"], ["-"]]) {
      const folder = makeFolder();
      const command = ["sh", "-c", 'rmdir "$0"; exec "$@"', folder, ...runtime.command, ...args];
      const { code, stdout, stderr } = await startCommand(command, { cwd: folder }).ended;
      expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: `sluice: ${SENTENCE}\n` });
    }
  });
});
