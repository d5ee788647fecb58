/** A listener that throws or rejects cannot break a run: the run ends in order, and then rejects. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runScript } from "./library_rig.ts";
import { leftovers, makeFolder, runtimes } from "./rig.ts";

describe.each(runtimes)("run() on $name", (runtime) => {
  it("ends everything and rejects with what a listener has thrown, whenever that was", async () => {
    const cwd = makeFolder();
    const said = await runScript(
      runtime,
      `
      const long = flow({ actors: { a: { run: ["sleep", "4713"] }, b: { run: ["cat"], in: "a" } }, out: { "out.txt": "b" } });
      const short = flow({ actors: { a: { sh: "echo out; echo err >&2" } } });
      const throwsAt = (type) => (event) => { if (event.type === type) throw new Error("at " + type); };
      const rejectsAt = (type) => async (event) => { if (event.type === type) throw new Error("later at " + type); };
      for (const type of ["run-started", "actor-started"]) {
        await tell(type, () => run(long, { onEvent: throwsAt(type) }));
        await tell("async " + type, () => run(long, { onEvent: rejectsAt(type) }));
      }
      for (const type of ["stderr", "actor-ended", "output", "run-ended"]) {
        await tell(type, () => run(short, { stdout: "ignore", onEvent: throwsAt(type) }));
        await tell("async " + type, () => run(short, { stdout: "ignore", onEvent: rejectsAt(type) }));
      }
      let done = 0;
      await run(short, { stdout: "ignore", onEvent: () => new Promise((then) => setTimeout(() => then(done++), 20)) });
      said.waited = done > 3;
      `,
      { cwd },
    );
    const types = ["run-started", "actor-started", "stderr", "actor-ended", "output", "run-ended"];
    expect(said).toEqual({
      ...Object.fromEntries(types.flatMap((type) => [
        [type, ["rejected", `at ${type}`]],
        [`async ${type}`, ["rejected", `later at ${type}`]],
      ])),
      waited: true,
    });
    expect(leftovers()).toEqual([]);
    expect(existsSync(join(cwd, "out.txt"))).toBe(false);
  });
});
