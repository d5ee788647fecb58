/** Who may still write to a file, as the system tells. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { libc } from "../../../lib/host/descriptors/libc.ts";
import { isOpenForWriting } from "../../../lib/process/proc/left_behind.ts";

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "test-of-sluice-lease-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test.skipIf(libc() === undefined)("isOpenForWriting() tells whether anybody can write", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "x");
  expect(isOpenForWriting(file)).toBe(false);
  const reader = openSync(file, "r");
  expect(isOpenForWriting(file)).toBe(false);
  closeSync(reader);
  const writer = openSync(file, "a");
  expect(isOpenForWriting(file)).toBe(true);
  const child = spawn("cat", { stdio: ["pipe", writer, "inherit"] });
  closeSync(writer);
  expect(isOpenForWriting(file)).toBe(true);
  child.stdin?.end();
  await once(child, "exit");
  expect(isOpenForWriting(file)).toBe(false);
  writeFileSync(file, "the lease was given back");
});

test.skipIf(libc() === undefined)("isOpenForWriting() knows nothing of what is no regular file", () => {
  expect(isOpenForWriting("/dev/null")).toBeUndefined();
});
