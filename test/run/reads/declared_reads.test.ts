/** What an actor says it reads: paths, patterns, folders. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, expect, test } from "vitest";
import { listDeclared } from "../../../lib/run/reads/declared_reads.ts";

const folder = mkdtempSync(join(tmpdir(), "test-of-declared-"));
afterAll(() => rmSync(folder, { recursive: true }));
for (const name of ["a.txt", "b.txt", ".hidden.txt", "c.md", "x+[1].txt", "sub/a.txt", "sub/deep/a.txt"]) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), "");
}
symlinkSync("..", join(folder, "sub", "circle"));

test.each([
  ["a.txt", ["a.txt"]],
  ["none.txt", ["none.txt"]],
  ["*.txt", ["a.txt", "b.txt", "x+[1].txt"]],
  [".*.txt", [".hidden.txt"]],
  ["[!a].txt", ["b.txt"]],
  ["?.[tm]*", ["a.txt", "b.txt", "c.md"]],
  ["x+[[]1].txt", ["x+[1].txt"]],
  ["sub", ["sub/a.txt", "sub/deep/a.txt"]],
  ["**/a.txt", ["a.txt", "sub/a.txt", "sub/deep/a.txt"]],
  ["sub/**", ["sub/a.txt", "sub/deep/a.txt"]],
  ["sub/circle/c.*", ["sub/circle/c.md"]],
  ["none/*.txt", []],
])("listDeclared() finds %s", (pattern, expected) => {
  expect(listDeclared(join(folder, pattern)).map((path) => relative(folder, path))).toEqual(expected);
});
