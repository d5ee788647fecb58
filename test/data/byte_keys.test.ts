import { expect, test } from "vitest";
import { ByteKeys, type KeyBytes } from "../../lib/data/byte_keys.ts";

function keyOf(text: string): KeyBytes {
  const bytes = new TextEncoder().encode(`<<${text}>>`);
  return { bytes, from: 2, to: bytes.length - 2 };
}

test("ByteKeys gives each key the next number when it first comes, and knows it again", () => {
  const keys = new ByteKeys();
  const numbers = ["b", "", "a", "b", "ab", "", "ba"].map((text) => keys.add(keyOf(text)));
  expect(numbers).toEqual([0, 1, 2, 0, 3, 1, 4]);
  expect({ count: keys.count, bytes: keys.byteCount }).toEqual({ count: 5, bytes: 6 });
  expect(["b", "", "c"].map((text) => keys.find(keyOf(text)))).toEqual([0, 1, -1]);
});

test("ByteKeys keeps many keys apart", () => {
  const keys = new ByteKeys();
  const texts = Array.from({ length: 20_000 }, (_, at) => `key ${at * 7919} ${"x".repeat(at % 40)}`);
  expect(texts.map((text) => keys.add(keyOf(text)))).toEqual(texts.map((_, at) => at));
  expect(texts.map((text) => keys.find(keyOf(text)))).toEqual(texts.map((_, at) => at));
  const decoder = new TextDecoder();
  expect(texts.map((_, at) => decoder.decode(keys.bytesOf(at)))).toEqual(texts);
});
