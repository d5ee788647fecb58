import { expect, test } from "vitest";
import { layPicture } from "../../../lib/report/web/lay_picture.ts";
import type { PageBox, PageLayout } from "../../../lib/report/web/page_layout.ts";
import { pageOfPlan } from "../../../lib/report/web/page_of_plan.ts";
import { planOf } from "./plan_of.ts";

const START = { use: "live", engine: "sluice", pid: 7, mayControl: false, talks: [], at: 1 } as const;

function pageOf(actors: object, more: object = {}) {
  return pageOfPlan(planOf({ actors, ...more }), START);
}

function overlap(one: PageBox, other: PageBox): boolean {
  return one.x < other.x + other.width && other.x < one.x + one.width &&
    one.y < other.y + other.height && other.y < one.y + one.height;
}

/** Nodes do not lie on each other, and are within the whole. */
function expectOrder({ nodes, width, height }: PageLayout): void {
  for (const [at, node] of nodes.entries()) {
    expect(node.x).toBeGreaterThanOrEqual(0);
    expect(node.x + node.width).toBeLessThanOrEqual(width + 0.5);
    expect(node.y).toBeGreaterThanOrEqual(0);
    expect(node.y + node.height).toBeLessThanOrEqual(height + 0.5);
    if (nodes.length < 300) expect(nodes.slice(at + 1).filter((other) => overlap(node, other))).toEqual([]);
  }
}

test("layPicture() places actors and outputs from left to right, and folds sets until they are opened", async () => {
  const page = pageOf(
    { a_b: { each: "n", run: ["echo", "{n}"] }, all: { run: ["cat"], in: "a_b" } },
    { sets: { n: { values: ["p", "q"] } }, out: "all" },
  );
  const folded = await layPicture(page);
  expectOrder(folded);
  expect(folded.nodes.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
    "group a_b",
    "actor all",
    "output -",
  ]);
  const [group, all] = folded.nodes;
  expect((group?.x ?? 0) + (group?.width ?? 0)).toBeLessThan(all?.x ?? 0);
  expect(folded.lines.map(({ from, to, edges, path }) => [from, to, edges.length, /^M[-\d. ]+C/.test(path)]))
    .toEqual([["a_b", "all", 2, true], ["all", "-", 1, true]]);
  const opened = await layPicture(page, ["a_b"]);
  expect(opened.nodes.map(({ name }) => name)).toEqual(["a_b[p]", "a_b[q]", "all", "-"]);
  expect(opened.open).toEqual(["a_b"]);
});

test("layPicture() puts thousands of actors into columns", async () => {
  const actors: Record<string, object> = { src: { value: "x" } };
  for (let n = 0; n < 3_000; n++) actors[`a${n}`] = { run: ["cat"], in: n % 3 === 0 ? "src" : `a${n - 1}` };
  const layout = await layPicture(pageOf(actors));
  expectOrder(layout);
  expect(layout.nodes.length).toBe(3_002);
  expect(layout.lines.length).toBeGreaterThan(3_000);
});
