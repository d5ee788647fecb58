/** An actor that is let go when it is idle: it is not while it still works, though it says nothing meanwhile. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, run, runtimes } from "./rig.ts";

const IDLE = { protocol: "messages", supervisor: { type: "singleton", idle: "5ms" } };

describe.each(runtimes)("idle actors on $name", (runtime) => {
  test("are not told to end, and killed, while they are at a message that they do not acknowledge", async () => {
    const slow = "read -r start; read -r record; sleep 1; echo done >> done; cat > /dev/null";
    const folder = makeFolder({
      "flow.json": {
        grace: "50ms",
        actors: { line: { value: "1\n" }, a: { sh: slow, in: "line", ...IDLE } },
        out: "a",
      },
    });
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect([code, existsSync(join(folder, "done"))], stderr).toEqual([0, true]);
  });
});
