import { expect, it } from "vitest";
import { editDistance } from "../../lib/core/edit_distance.ts";

it.each([
  ["", "", 0],
  ["", "abc", 3],
  ["abc", "", 3],
  ["same", "same", 0],
  ["stdot", "stdout", 1],
  ["kitten", "sitting", 3],
  ["rnu", "run", 2],
  ["flaw", "lawn", 2],
])("editDistance() of %j and %j is %d", (a, b, expected) => {
  expect(editDistance(a, b)).toBe(expected);
  expect(editDistance(b, a)).toBe(expected);
});
