import { expect, test } from "vitest";
import { KeySet } from "../../lib/data/key_set.ts";

test("KeySet has what was added to it and nothing else, until it is cleared", () => {
  const keys = new KeySet();
  expect([keys.size, keys.has("key-1")]).toEqual([0, false]);
  const names = Array.from({ length: 200_000 }, (_, index) => `key-${index}`);
  for (const name of [...names, ...names.slice(0, 1000), ""]) keys.add(name);
  expect(keys.size).toBe(names.length + 1);
  expect(names.every((name) => keys.has(name)) && keys.has("")).toBe(true);
  expect(names.some((name) => keys.has(`${name}x`) || keys.has(name.slice(1)))).toBe(false);
  keys.clear();
  expect([keys.size, keys.has("key-1")]).toEqual([0, false]);
});
