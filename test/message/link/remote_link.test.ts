/** Links by words: whole lines, so many at a time. */
import { expect, test } from "vitest";
import { REMOTE_WINDOW_BYTES } from "../../../lib/core/limits/remote.ts";
import { NOT_NOW } from "../../../lib/host/descriptor_io/descriptor_io.ts";
import { RemoteLinks, type RemoteWord } from "../../../lib/message/link/remote_link.ts";

function open() {
  const said: RemoteWord[] = [];
  const links = new RemoteLinks((word) => said.push(word));
  return { said, links, ...links.open(7) };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("what came is read in order, whatever the pieces, and told when it is", () => {
  const { links, from, said } = open();
  let ready = 0;
  from.listen(() => ready++);
  for (const text of ["one\n", "two\nthree\n"]) {
    links.note({ type: "remote-came", link: 7, lines: bytes(text) });
  }
  expect([from.held, ready]).toEqual([14, 2]);
  const into = new Uint8Array(6);
  let text = "";
  for (let count = from.read(into); count > 0; count = from.read(into)) {
    text += new TextDecoder().decode(into.subarray(0, count));
  }
  expect(text).toBe("one\ntwo\nthree\n");
  expect([from.held, from.read(into)]).toEqual([0, NOT_NOW]);
  expect(said.map((word) => word.type === "remote-read" ? word.bytes : 0)).toEqual([6, 6, 2]);
  links.note({ type: "remote-came", link: 8, lines: bytes("of nobody\n") });
});

test("only whole lines are taken, and no more than may be on their way", () => {
  const { links, to, said } = open();
  let ready = 0;
  to.listen(() => ready++);
  const line = bytes(`${"x".repeat(REMOTE_WINDOW_BYTES / 4)}\n`);
  const four = new Uint8Array([...line, ...line, ...line, ...line]);
  expect(to.write(four)).toBe(line.length * 3);
  expect(to.write(four.subarray(line.length * 3))).toBe(NOT_NOW);
  expect([to.held, to.tellsHeld, to.fd]).toEqual([line.length * 3, true, undefined]);
  links.note({ type: "remote-took", link: 7, bytes: line.length });
  expect([ready, to.write(line)]).toEqual([1, line.length]);
  links.note({ type: "remote-took", link: 7, bytes: line.length * 3 });
  const long = bytes(`${"y".repeat(REMOTE_WINDOW_BYTES * 2)}\n`);
  expect(to.write(long)).toBe(long.length);
  expect(to.write(line)).toBe(NOT_NOW);
  to.close();
  to.close();
  expect(said.map(({ type }) => type)).toEqual([
    "remote-lines",
    "remote-lines",
    "remote-lines",
    "remote-end",
  ]);
});
