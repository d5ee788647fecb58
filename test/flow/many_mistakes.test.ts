/** A file of very many mistakes is read in a time that grows with its length: each test ends within the usual limit. */
import { expect, test } from "vitest";
import { ALL_ROOMS } from "../../lib/flow/check/all_rooms.ts";
import { checkFlow } from "../../lib/flow/check/check_flow.ts";
import { parseFlowText } from "../../lib/flow/read/flow_text.ts";
import { formatIssues } from "../../lib/flow/read/issue_text.ts";
import { placeIssues } from "../../lib/flow/read/place_issues.ts";

const COUNT = 20_000;
const actors = (make: (index: number) => object): object => ({
  actors: Object.fromEntries(Array.from({ length: COUNT }, (_, index) => [`a${index}`, make(index)])),
});

test.each([
  ["unknown inputs", actors((index) => ({ run: ["cat"], in: `b${index}` })), COUNT],
  ["unknown keys", actors(() => ({ run: ["cat"], inn: "a0" })), COUNT],
  ["unknown inputs of one actor", {
    actors: { a: { run: ["cat"], in: Array.from({ length: COUNT }, (_, index) => `none_${index}`) } },
  }, COUNT],
  ["three mistakes each", actors(() => ({ run: ["cat"], timeout: "soon", ok: "0", cwd: 5 })), 3 * COUNT],
])("%s: all are found and placed, some are shown, the rest is counted", async (_, flow, count) => {
  // In one line, which is then a long one.
  const parsed = parseFlowText(JSON.stringify(flow), { file: "flow.json" });
  if (!parsed.ok) throw new Error("The text is JSON");
  const checked = checkFlow(parsed.text.value, { folder: "/", rooms: ALL_ROOMS });
  if (checked.ok) throw new Error("The flow has mistakes");
  const lines = formatIssues(await placeIssues(checked.issues, parsed.text), { color: false }).split("\n");
  expect(lines.slice(-2)).toEqual([`... and ${count - 50} more`, `${count} issues; nothing was started`]);
  expect(lines[0]).toMatch(/^flow\.json:1:\d+ {2}actors\.a/);
});

test("twenty thousand equal keys are told, too", () => {
  const parsed = parseFlowText(`{"actors": {${Array.from({ length: COUNT }, () => '"a": {}').join(",")}}}`);
  expect(parsed.ok && parsed.slips.length).toBe(COUNT - 1);
});
