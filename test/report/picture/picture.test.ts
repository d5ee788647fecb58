import { expect, test } from "vitest";
import { checkFlow } from "../../../lib/flow/check/check_flow.ts";
import { ALL_ROOMS } from "../../../lib/flow/check/all_rooms.ts";
import { planFlow } from "../../../lib/graph/plan_flow.ts";
import { drawPlan } from "../../../lib/report/picture/picture.ts";

test("drawPlan() names no folder of the machine", () => {
  const checked = checkFlow({
    actors: {
      near: { file: "data/near.txt" },
      far: { file: "/home/somebody/secret project/far.txt" },
      all: { run: ["cat", "/home/me/flows/list.txt", "{in.near}"], in: { near: "near", stdin: "far" } },
    },
    out: { "/home/somebody/elsewhere/out.txt": "all", "/dev/null": "near", "here.txt": "all" },
  }, { folder: "/home/me/flows", file: "/home/me/flows/flow.json", rooms: ALL_ROOMS });
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
  const planned = planFlow(checked.flow, {});
  if (!planned.ok) throw new Error(JSON.stringify(planned.issues));
  const { boxes } = drawPlan(planned.plan);
  expect(boxes.flatMap(({ name, detail }) => detail ?? name)).toEqual([
    "file data/near.txt",
    "file .../far.txt",
    "cat list.txt {in.near}",
    ".../out.txt",
    "/dev/null",
    "here.txt",
  ]);
});
