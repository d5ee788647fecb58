import { expect, test } from "vitest";
import { AT_END, GONE, NOT_NOW } from "../../../lib/host/descriptor_io/descriptor_io.ts";
import { EMPTY, moveReady } from "../../../lib/pipe/state/move_ready.ts";

/** What comes of moves that end so, one after the other, with a target that has room or not; and how many were made. */
function tryMoves(results: readonly number[], { hasRoom, isToFile = false }: {
  readonly hasRoom: boolean;
  readonly isToFile?: boolean;
}): { readonly moved: number; readonly moves: number } {
  let moves = 0;
  const moved = moveReady({ hasRoom: () => hasRoom }, { to: 1, isToFile }, () => results[moves++] ?? NOT_NOW);
  return { moved, moves };
}

test("moveReady() gives what was moved, the end, and a reader that has left at once", () => {
  for (const moved of [7, AT_END, GONE]) {
    expect(tryMoves([moved], { hasRoom: false })).toEqual({ moved, moves: 1 });
  }
});

test("moveReady() tells a full target without another try", () => {
  expect(tryMoves([NOT_NOW, 7], { hasRoom: false })).toEqual({ moved: NOT_NOW, moves: 1 });
});

test("moveReady() tells an empty source only after the target was seen to have room", () => {
  expect(tryMoves([NOT_NOW, NOT_NOW], { hasRoom: true })).toEqual({ moved: EMPTY, moves: 2 });
});

test("moveReady() moves what has come, or has found room, since the first try", () => {
  expect(tryMoves([NOT_NOW, 7], { hasRoom: true })).toEqual({ moved: 7, moves: 2 });
});

test("moveReady() takes a file to have room", () => {
  expect(tryMoves([NOT_NOW], { hasRoom: false, isToFile: true })).toEqual({ moved: EMPTY, moves: 1 });
});
