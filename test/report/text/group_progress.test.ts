import { expect, it } from "vitest";
import { groupProgress } from "../../../lib/report/text/group_progress.ts";

it("groupProgress() counts the instances of an actor over a stream, and adds up those of another set", () => {
  const shown = groupProgress({
    one: { state: "running", bytesOut: 5, members: { done: 120, active: 2, failed: 1 } },
    two: { state: "running", members: { done: 0, active: 0, failed: 0 } },
    "all[a]": { state: "done", bytesOut: 2 },
    "all[b]": { state: "running", bytesOut: 3 },
  });
  expect(
    Object.entries(shown).map(([name, { state, instances, bytesOut }]) => [name, state, instances, bytesOut]),
  )
    .toEqual([
      ["one", "running", "×123 [120 done, 2 active, 1 failed]", 5],
      ["two", "running", "×0", undefined],
      ["all", "running", "×2 [1 done, 1 active]", 5],
    ]);
});
