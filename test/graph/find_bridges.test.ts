import { expect, test } from "vitest";
import { findBridges } from "../../lib/graph/find_bridges.ts";

const edge = (a: number, b: number) => ({ a, b });

test("findBridges() finds every edge of a tree", () => {
  expect(findBridges(4, [edge(0, 1), edge(1, 2), edge(1, 3)])).toEqual(new Set([0, 1, 2]));
});

test("findBridges() leaves out the edges of a cycle, whatever their direction", () => {
  // 0 → 1 → 3, 0 → 2 → 3, 3 → 4
  expect(findBridges(5, [edge(0, 1), edge(1, 3), edge(0, 2), edge(2, 3), edge(3, 4)])).toEqual(new Set([4]));
});

test("findBridges() sees two edges between the same nodes, and a loop, as cycles", () => {
  expect(findBridges(3, [edge(0, 1), edge(1, 0), edge(1, 2), edge(2, 2)])).toEqual(new Set([2]));
});

test("findBridges() takes a chain of 100,000", () => {
  const edges = Array.from({ length: 100_000 }, (_, at) => edge(at, at + 1));
  expect(findBridges(100_001, edges).size).toBe(100_000);
});

test("findBridges() agrees with taking each edge away, on random graphs", () => {
  let seed = 12345;
  const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (let round = 0; round < 300; round++) {
    const nodes = 2 + random(7);
    const edges = Array.from({ length: random(12) }, () => edge(random(nodes), random(nodes)));
    const expected = edges.flatMap((_, at) =>
      areJoined(nodes, edges.filter((__, other) => other !== at), edges[at]) ? [] : [at]
    );
    expect(findBridges(nodes, edges)).toEqual(new Set(expected));
  }
});

function areJoined(
  nodes: number,
  edges: readonly { a: number; b: number }[],
  ends: { a: number; b: number } | undefined,
): boolean {
  const group = Array.from({ length: nodes }, (_, at) => at);
  for (const { a, b } of edges) {
    const [from, to] = [group[a], group[b]];
    for (let at = 0; at < nodes; at++) if (group[at] === from) group[at] = to ?? 0;
  }
  return ends !== undefined && group[ends.a] === group[ends.b];
}
