/** What the value of an actor may hold. */
import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { messagesOf } from "../messages_of.ts";

const loop: unknown[] = [];
loop.push(loop);

test.each([
  ["a loop", loop],
  ["an infinite number", Infinity],
  ["one that is none, within", [NaN]],
  ["a function", () => 1],
  ["a function within", { f: () => 1 }],
  ["a bigint", 1n],
  ["a map", new Map()],
  ["a set within", { deep: [new Set()] }],
  ["bytes", new Uint8Array(1)],
  ["bytes of Node", Buffer.from("a")],
  ["a buffer", new ArrayBuffer(1)],
])("what JSON would write as something else is no value: %s", (_, value) => {
  expect(messagesOf({ actors: { a: { value } } })).toEqual([
    'actors.a.value: Cannot write the value of actor "a": it is no JSON value (expected one without infinite numbers, functions, loops, bytes, maps and sets)',
  ]);
});
