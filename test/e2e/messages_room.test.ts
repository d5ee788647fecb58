/** Messages that wait find no room: the limits of the flow are used up, or the disk is full. That is told. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { makeFolder, run, runtimes } from "./rig.ts";
import { actor } from "./scripted.ts";

/** Sends 40 messages of 100 kB to one that begins with them when all are sent. */
function flowOf(mailbox: object, limits: object, more: object = {}): object {
  const big = "x".repeat(100_000);
  return {
    actors: {
      a: actor([["send", "b", "T", { do: [["sleep", 0.5]] }], ["repeat", 40, ["send", "b", "T", { big }]], [
        "out",
        1,
      ]]),
      b: actor([], { mailbox, ...more }),
    },
    limits,
  };
}

const mounted: string[] = [];
afterEach(() => {
  for (const folder of mounted.splice(0)) execFileSync("umount", ["--lazy", folder]);
});

/** A disk of so many kB in the folder of a flow; undefined where nobody may mount one. */
function mountDisk(folder: string, kilobytes: number): string | undefined {
  const disk = join(folder, "disk");
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "none", disk], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  mounted.push(disk);
  return disk;
}

describe.each(runtimes)("room for messages on $name", (runtime) => {
  test("is in memory, then on disk, and senders wait beyond; who spills beyond the limits is told", async () => {
    const block = makeFolder({ "flow.json": flowOf({}, { memory: "1MiB", spill: "512KiB" }) });
    const waited = await run(runtime, ["flow.json"], { cwd: block });
    expect([waited.code, waited.stdout], waited.stderr).toEqual([0, "1\n"]);
    const spill = makeFolder({
      "flow.json": flowOf({ size: 1, overflow: "spill" }, { memory: "1MiB", spill: "1MiB" }),
    });
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: spill });
    expect(code, stderr).toBe(4);
    expect(stderr).toContain(
      'Cannot keep the messages that wait for actor "b": the limits of the flow are used up',
    );
  });

  test("is not on a full disk: that is told", async ({ skip }) => {
    const folder = makeFolder({ "flow.json": flowOf({ size: 1, overflow: "spill" }, { spill: "100MiB" }) });
    const disk = mountDisk(folder, 1500);
    if (disk === undefined) return skip("no disk can be mounted");
    const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder, env: { TMPDIR: disk } });
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/Cannot keep the messages that wait for actor "b": .*(ENOSPC|no space)/i);
  });

  test("is not in a journal on a full disk: that is told, and the flow goes on", async ({ skip }) => {
    const folder = makeFolder({ "flow.json": flowOf({}, {}, { delivery: "at-least-once" }) });
    const disk = mountDisk(folder, 1000);
    if (disk === undefined) return skip("no disk can be mounted");
    const db = join(disk, "run.db");
    const { code, stdout, stderr } = await run(runtime, ["flow.json", "--db", db], { cwd: folder });
    expect([code, stdout], stderr).toEqual([1, "1\n"]);
    expect(stderr).toContain(`Cannot write database "${db}.messages": ENOSPC`);
  });
});
