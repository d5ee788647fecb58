/** An actor that acknowledges is at a message until it has: however long it is silent, it is not taken to have finished. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SILENT_AT_WORK_MS } from "../../lib/core/limits/message.ts";
import { root, runFlow, runtimes } from "./rig.ts";

const SLOW = `
  import { run } from ${JSON.stringify(join(root, "actors/typescript/sluice_actor.ts"))};
  run({
    Record: async (env, self) => {
      if (env.msg === 2) await new Promise((end) => setTimeout(end, ${SILENT_AT_WORK_MS + 1_000}));
      self.emit(env.msg);
    },
  });
`;

describe("an actor that is silent at a message", () => {
  // All runtimes at the same time: it is about what comes after ten seconds without a word.
  test("as one that waits for a network, is not told to end meanwhile", async () => {
    const actors = {
      records: { value: "1\n2\n3\n" },
      slow: {
        run: ["node", "--input-type=module", "--eval", SLOW],
        protocol: "messages",
        in: "records",
      },
    };
    const all = await Promise.all(runtimes.map((runtime) => runFlow(runtime, { grace: "100ms", actors })));
    for (const { code, stdout, stderr } of all) expect([code, stdout], stderr).toEqual([0, "1\n2\n3\n"]);
  });

  test.each(runtimes)(
    "and waits for more, so that nothing can go on, loses it: that is told, on $name",
    async (runtime) => {
      const { code, stderr } = await runFlow(runtime, {
        grace: "100ms",
        actors: {
          records: { value: "1\n2\n3\n4\n" },
          deaf: {
            run: ["python3", join(root, "test/fixtures/messages/deaf.py")],
            protocol: "messages",
            in: "records",
            prefetch: 3,
          },
        },
      });
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining('3 messages "Record" of a stream to "deaf"'),
      ]);
    },
  );
});
