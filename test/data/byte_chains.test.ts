import { expect, test } from "vitest";
import { ByteChains } from "../../lib/data/byte_chains.ts";

function makeText(chains: ByteChains) {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  return {
    append: (chain: number, text: string): number => {
      const bytes = encoder.encode(`..${text}..`);
      return chains.append(chain, { bytes, from: 2, to: bytes.length - 2 });
    },
    read: (chain: number): readonly string[] => {
      const pieces: string[] = [];
      chains.read(chain, (bytes) => pieces.push(decoder.decode(bytes)));
      return pieces;
    },
  };
}

test("ByteChains keeps what belongs together in order, over pieces", () => {
  const chains = new ByteChains({ bytes: 64, pieceBytes: 4, joinedBytes: 8 });
  const { append, read } = makeText(chains);
  expect([append(1, "abcd"), append(5000, "0123456789"), append(1, "efg"), append(1, "h")]).toEqual([
    4,
    10,
    3,
    1,
  ]);
  expect([read(1), read(5000), read(0)]).toEqual([["abcdefgh"], ["01234567", "89"], []]);
  expect([chains.isClear(1), chains.isClear(0), chains.isEmpty]).toEqual([false, true, false]);
});

test("ByteChains takes no more than there is room for, and all of it again when it is cleared", () => {
  const chains = new ByteChains({ bytes: 16, pieceBytes: 8, joinedBytes: 16 });
  const { append, read } = makeText(chains);
  expect([append(0, "abc"), append(1, "0123456789"), append(0, "defghij")]).toEqual([3, 8, 5]);
  expect([read(0), read(1)]).toEqual([["abcdefgh"], ["01234567"]]);
  chains.clear(4);
  expect([chains.isEmpty, read(0), append(0, "x".repeat(20)), read(0)]).toEqual([true, [], 16, [
    "x".repeat(16),
  ]]);
});
