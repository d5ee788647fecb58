/** `sluice inspect`: the runs of a database, one of them, its bytes, and how two differ. */
import { describe, expect, it } from "vitest";
import { capture, mee } from "./capture_rig.ts";
import { run, runtimes } from "./rig.ts";

describe.each(runtimes)("on $name", (runtime) => {
  it("inspect lists runs, and prints the tree of one", async () => {
    const { db } = await capture(runtime, {
      ...mee,
      actors: { ...mee.actors, baz: { sh: "cat; exit 3", in: "bar" } },
    });
    const list = await run(runtime, ["inspect", db]);
    expect(list.stdout).toMatch(/^run +state .*\n1 +failed, exit 1 +20\d\d-.* +mee-too +[0-9a-f-]{36}\n$/);
    const { stdout } = await run(runtime, ["inspect", db, "--run", "1"]);
    expect(stdout).toMatch(
      /^run 1 of mee-too: failed, exit 1 in .*, started .*\n├── baz \[✗ failed: exit 3, 9 B, /,
    );
    expect(stdout).toContain("│   │   ├── note [✓ built, 9 B] (Static text)\n");
    expect(stdout).toContain('Actor "baz" failed: exit 3');
    const json = await run(runtime, ["inspect", db, "--run", "1", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ run: { number: 1, state: "failed", exitCode: 1 } });
  });

  it.each([
    [["inspect"], "There is nothing to inspect"],
    [
      ["inspect", "DB", "nobody"],
      'There is no stream "nobody" in this run (streams: note, keys, foo, bar, baz)',
    ],
    [["inspect", "DB", "--run", "seven"], 'There is no run "seven" (runs: 1 to 1, or an identity)'],
    [["inspect", "DB", "--diff", "1"], "There is one run only to compare (expected --diff A B)"],
    [["inspect", "DB", "--diff", "1", "1", "--run", "1"], "Cannot combine --run and --diff"],
    [["inspect", "DB", "--runs", "1"], 'Unknown option "--runs" for inspect (did you mean "--run"?)'],
  ])("%j is bad usage", async (words, reason) => {
    const { db } = await capture(runtime, mee);
    const { code, stderr } = await run(runtime, words.map((word) => word === "DB" ? db : word));
    expect(code).toBe(2);
    expect(stderr).toContain(reason);
  });
});
