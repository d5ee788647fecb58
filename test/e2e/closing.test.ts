/** What the program says at the end of a run, where nobody looks at a terminal. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, runtimes, splitClosing, start, type StartOptions } from "./rig.ts";

describe.each(runtimes)("the closing line on $name", (runtime) => {
  async function close(args: readonly string[], options: StartOptions = {}) {
    const started = start(runtime, args, options);
    const { code } = await started.ended;
    const [said, closing] = splitClosing(started.stderr());
    return { code, said, closing };
  }
  const write = (flow: object): string => join(makeFolder({ "flow.json": flow }), "flow.json");

  const flow = {
    actors: {
      once: { sh: "test -e ran || { touch ran; exit 1; }; echo 12345", retry: { max: 1, backoff: "1ms" } },
      kept: { run: ["cat"], in: "once", cache: true },
    },
    out: { "o.txt": "kept" },
  };

  test("says how it ended, how long it took, and what it was", async () => {
    const file = write(flow);
    const { code, closing } = await close([file]);
    expect({ code, closing }).toEqual({
      code: 0,
      closing: expect.stringMatching(/^done in [\d.]+ m?s: 2 actors, 1 restart, 6 B written\n$/),
    });
    expect((await close([file])).closing)
      .toMatch(/^done in .*: 2 actors, 1 from the cache, 6 B written\n$/);
    expect((await close([write({ actors: { a: { sh: "exit 3" } } })])).closing)
      .toMatch(/^failed in .*: 1 actor\n$/);
  });

  test("is not there for programs, nor when it is to be quiet", async () => {
    for (const args of [["--quiet"], ["--json"], ["--events", "-"]]) {
      expect((await close([write({ actors: { a: { value: "x" } } }), ...args])).closing).toBe("");
    }
  });

  test("stands, where GitHub runs it, behind the folded lines of the run and the failures", async () => {
    const file = write({ name: "50% off", actors: { a: { sh: "echo ::error::x >&2; exit 3" } } });
    const { said, closing } = await close([file], { env: { GITHUB_ACTIONS: "true" } });
    const lines = said.split("\n");
    expect(lines[0]).toBe("::group::sluice 50%25 off");
    expect(lines[1]).toBe("a │ ::error::x");
    const end = lines.indexOf("::endgroup::");
    expect(lines.slice(end + 1)).toEqual([
      expect.stringMatching(/^::error title=sluice::Actor "a" failed: exit 3%0A/),
      "",
    ]);
    expect(closing).toMatch(/^failed in /);
  });
});
