/** What a handler in the shell may do besides: the SDK's own processes are none of its jobs. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeFolder, root, run, runtimes } from "./rig.ts";

const ACTOR = `
  . ${join(root, "actors/shell/sluice_actor.sh")}
  on_Record() {
    if [[ $message == 1 ]]; then
      (sleep 0.1; emit '"job"') & wait
      touch waited
    fi
    emit "$message"
  }
  run_actor
`;

describe.each(runtimes)("a handler in the shell on $name", (runtime) => {
  test("waits for its jobs, though the input goes on", async () => {
    const records = "echo 1; until [ -e waited ]; do sleep 0.02; done; echo 2";
    const folder = makeFolder({
      "actor.sh": ACTOR,
      "flow.json": {
        timeout: "30s",
        actors: {
          records: { sh: records },
          a: { run: ["bash", "actor.sh"], protocol: "messages", in: "records" },
        },
        out: "a",
      },
    });
    const { code, stdout, stderr } = await run(runtime, ["flow.json"], { cwd: folder });
    expect([code, stdout], stderr).toEqual([0, '"job"\n1\n2\n']);
  });
});
