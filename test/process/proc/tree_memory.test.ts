import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, expect, test } from "vitest";
import { listTree, readProcessorTime } from "../../../lib/process/proc/process_table.ts";
import { readProportional, readResident } from "../../../lib/process/proc/tree_memory.ts";
import { until } from "../../e2e/rig.ts";

const MIB = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fifo = join(folder, "fifo");
execFileSync("mkfifo", [fifo]);

/** Holds 100 MiB, and starts another process; both wait for the end of stdin. */
const FORK = `
import os, sys
held = b"x" * (100 << 20)
os.fork()
sys.stdin.read()
`;
/** The new process opens the fifo before it becomes another program: till then it borrows its parent's memory. */
const VFORK = `
import os
held = b"x" * (100 << 20)
os.posix_spawn("/bin/true", ["true"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, "${fifo}", os.O_RDONLY, 0)])
`;

test.each([["forked", FORK, () => undefined], ["is starting", VFORK, () => writeFileSync(fifo, "")]])(
  "readProportional() counts once what a process shares with one that it has %s",
  async (_, program, letGo) => {
    const child = spawn("python3", ["-c", program], { stdio: ["pipe", "ignore", "inherit"] });
    const pid = child.pid ?? 0;
    await until(() => readResident([pid]) > 100 * MIB && listTree(pid).length === 2);
    await until(() => readResident(listTree(pid)) > 200 * MIB);
    const used = readProportional(listTree(pid));
    expect(used).toBeGreaterThan(100 * MIB);
    expect(used).toBeLessThan(150 * MIB);
    const ended = once(child, "exit");
    letGo();
    child.stdin.end();
    expect(await ended).toEqual([0, null]);
    expect(readProportional([pid])).toBe(0);
  },
);

test("readProcessorTime() grows with what a process does", async () => {
  const before = readProcessorTime(process.pid) ?? NaN;
  await until(() => (readProcessorTime(process.pid) ?? NaN) > before);
  expect(readProcessorTime(0)).toBe(undefined);
});
