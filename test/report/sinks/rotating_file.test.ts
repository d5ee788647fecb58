import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RotatingFile } from "../../../lib/report/sinks/rotating_file.ts";

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "test-of-sluice-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

test("it begins anew when it is full, between lines, and keeps so many", () => {
  const file = new RotatingFile(join(folder, "log"), { bytesMax: 11, keptMax: 2 });
  for (const text of ["one\n", "two\n", "three\n", "four\n", "a line that is too long\n", "end\n"]) {
    file.write(text);
  }
  file.close();
  expect(["log", "log.1", "log.2"].map(read)).toEqual(
    ["end\n", "a line that is too long\n", "three\nfour\n"],
  );
  expect(existsSync(join(folder, "log.3"))).toBe(false);
});

test("it goes on where a file ends", () => {
  writeFileSync(join(folder, "log"), "12345678\n");
  const file = new RotatingFile(join(folder, "log"), { bytesMax: 10, keptMax: 5 });
  file.write("x\n");
  file.write("y\n");
  file.close();
  expect([read("log"), read("log.1")]).toEqual(["x\ny\n", "12345678\n"]);
});

test("what cannot be renamed is written on", () => {
  mkdirSync(join(folder, "log.1", "full"), { recursive: true });
  const file = new RotatingFile(join(folder, "log"), { bytesMax: 4, keptMax: 1 });
  file.write("one\n");
  file.write("two\n");
  file.close();
  expect(read("log")).toBe("one\ntwo\n");
  expect(file.problem).toBe(undefined);
});

test("a full disk is a problem, once", () => {
  const file = new RotatingFile("/dev/full", { bytesMax: 4, keptMax: 1 });
  file.write("one\n");
  file.write("two\n");
  file.close();
  expect(file.problem).toBe("ENOSPC");
  expect(existsSync("/dev/full.1")).toBe(false);
});
