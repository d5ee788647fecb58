import { describe, expect, test } from "vitest";
import { cycleThrough, isCyclic, strongComponents } from "../../../lib/flow/check/strong_components.ts";

describe("strongComponents()", () => {
  test("gives each node alone, targets first, in a -> b -> c", () => {
    expect(strongComponents([[1], [2], []])).toEqual([[2], [1], [0]]);
  });

  test("finds both groups of a <-> b, b -> c, c <-> d", () => {
    const components = strongComponents([[1], [0, 2], [3], [2]]).map((nodes) => nodes.toSorted());
    expect(components).toEqual([[2, 3], [0, 1]]);
  });

  test("walks a chain of 100,000 nodes", () => {
    const arrows = Array.from({ length: 100_000 }, (_, node) => node + 1 < 100_000 ? [node + 1] : []);
    expect(strongComponents(arrows).length).toBe(100_000);
  });
});

test("isCyclic() is true for several nodes and for an arrow to itself", () => {
  const arrows = [[0], [2], []];
  expect([isCyclic([0], arrows), isCyclic([1], arrows), isCyclic([1, 2], arrows)]).toEqual([
    true,
    false,
    true,
  ]);
});

test("cycleThrough() gives the shortest cycle from the lowest node", () => {
  expect(cycleThrough([2, 1, 0, 3], [[1], [2, 3], [0], [2]])).toEqual([0, 1, 2]);
});
