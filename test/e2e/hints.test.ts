/** Where people stumble, they are told what to write. */
import { describe, expect, it } from "vitest";
import { runFlow, runtimes } from "./rig.ts";

describe.each(runtimes)("a hint on $name", (runtime) => {
  it('names "ok" where a search has found nothing', async () => {
    const { code, stderr } = await runFlow(runtime, {
      actors: { v: { value: "a\n" }, found: { run: ["grep", "b"], in: "v" } },
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'Actor "found" failed: exit 1\n  exit 1 says that no line was found (where that is no failure: "ok": [0, 1])\n  command: grep b\n',
    });
  });

  it("names sets where a pattern stands for a file", async () => {
    const { code, stderr } = await runFlow(runtime, { actors: { logs: { file: "logs/*.gz" } } });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(
        '(expected a file that exists; a pattern is for sets: "sets": {"x": {"files": PATTERN}}, and "each": "x", "file": "{x.path}")',
      ),
    });
  });
});
