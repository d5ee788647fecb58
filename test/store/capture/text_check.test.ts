import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { TextCheck } from "../../../lib/store/capture/text_check.ts";

const TEXT = Buffer.from("a ü € 𝄞 z");

test("TextCheck takes a text for one, wherever it is cut", () => {
  for (let first = 0; first <= TEXT.length; first++) {
    for (let second = first; second <= TEXT.length; second++) {
      const check = new TextCheck();
      check.add(TEXT.subarray(0, first));
      check.add(TEXT.subarray(first, second));
      check.add(TEXT.subarray(second));
      expect(check.isText).toBe(true);
    }
  }
});

test("TextCheck says of a begun character that it is none yet", () => {
  const check = new TextCheck();
  check.add(TEXT.subarray(0, 3));
  expect(check.isText).toBe(false);
  check.add(TEXT.subarray(3, 4));
  expect(check.isText).toBe(true);
});

test.each([
  ["NUL", [[0x61, 0, 0x62]]],
  ["a byte that never is in UTF-8", [[0x61, 0xff]]],
  ["a character without its beginning", [[0x61], [0x80]]],
  ["a character without its end", [[0xe2, 0x82], [0x61]]],
  ["half a pair", [[0xed, 0xa0, 0x80]]],
])("TextCheck finds %s", (_, pieces) => {
  const check = new TextCheck();
  for (const piece of pieces) check.add(new Uint8Array(piece));
  check.add(Buffer.from("more"));
  expect(check.isText).toBe(false);
});

test("TextCheck takes nothing for a text", () => {
  const check = new TextCheck();
  check.add(new Uint8Array());
  expect(check.isText).toBe(true);
});
