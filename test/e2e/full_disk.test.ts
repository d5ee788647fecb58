/** Disks that are full, of what the engine keeps for itself. Only root may mount one; elsewhere these tests skip. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { makeFolder, run, runtimes } from "./rig.ts";

const mounted: string[] = [];
afterEach(() => {
  for (const folder of mounted.splice(0)) execFileSync("umount", ["--lazy", folder]);
});

/** Makes a folder with a disk of so many MiB in it; undefined when that is not allowed. */
function makeDisk(
  mebibytes: number,
  flow: object,
): { readonly folder: string; readonly disk: string } | undefined {
  const folder = makeFolder({ "flow.json": flow });
  const disk = join(folder, "disk");
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "none", disk], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  mounted.push(disk);
  return { folder, disk };
}

const YES = "yes abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
const lines = { sh: `${YES} | head -n 200000` };

describe.each(runtimes)("on $name", (runtime) => {
  it("messages that cannot be kept are told, and the flow goes on without", async ({ skip }) => {
    const place = makeDisk(4, {
      actors: {
        lines: { sh: `${YES} | head -n 60000` },
        slow: {
          sh:
            `while read -r line; do id=\${line#*'"message_id":"'}; echo "{\\"ack\\":\\"\${id%%\\"*}\\"}"; done`,
          in: "lines",
          protocol: "messages",
          delivery: "at-least-once",
          mailbox: { size: 1_000_000 },
        },
      },
      out: { "made.txt": "slow" },
    });
    if (place === undefined) return skip("no disk can be mounted");
    const { folder, disk } = place;
    const { code, stderr } = await run(runtime, [join(folder, "flow.json"), "--db", join(disk, "run.db")]);
    expect(code).toBe(1);
    expect(stderr).toContain(`Cannot keep messages in "${join(disk, "run.db.messages")}"`);
    expect(stderr).not.toContain("internal error");
    expect(readdirSync(folder).sort()).toEqual(["disk", "flow.json", "made.txt"]);
  });

  it("a file of out that an actor writes by itself is named, and nothing is left of it", async ({ skip }) => {
    const place = makeDisk(1, {
      actors: { a: { run: ["head", "-c", "3000000", "/dev/zero"] }, b: { sh: "exit 2" } },
      onFailure: "continue",
      out: { "disk/made": "a", "other": "b" },
    });
    if (place === undefined) return skip("no disk can be mounted");
    const { folder, disk } = place;
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect(code).toBe(1);
    expect(stderr.match(/the disk of "[^"]*", which it writes, is full/g)).toEqual([
      `the disk of "${join(disk, "made")}", which it writes, is full`,
    ]);
    expect(readdirSync(disk)).toEqual([]);
  });

  it("what members write is named by the folder that it goes to", async ({ skip }) => {
    const place = makeDisk(4, {
      sets: { n: { stream: "list" } },
      actors: {
        list: { run: ["seq", "2"] },
        big: { each: "n", run: ["head", "-c", "9000000", "/dev/zero"] },
      },
    });
    if (place === undefined) return skip("no disk can be mounted");
    const { folder, disk } = place;
    const database = join(disk, "run.db");
    const { code, stderr } = await run(runtime, [join(folder, "flow.json"), "--db", database]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `the disk of "${database}.members", where --db keeps what members write, is full ` +
        "(make room in it, or give --db a file on a larger disk)",
    );
  });

  it("what a cached actor writes is named by the folder of the cache", async ({ skip }) => {
    const made = { run: ["head", "-c", "3000000", "/dev/zero"], cache: true };
    const place = makeDisk(1, { limits: { spill: "1GiB" }, actors: { made } });
    if (place === undefined) return skip("no disk can be mounted");
    const { folder, disk } = place;
    const cache = join(disk, "cache");
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")], {
      env: { SLUICE_CACHE: cache },
    });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `the disk of "${cache}", where its output is kept, is full ` +
        "(make room in it, or set SLUICE_CACHE to a folder on a larger disk)",
    );
  });

  it("what a stream spills that finds no room ends the run by name", async ({ skip }) => {
    const place = makeDisk(2, {
      limits: { memory: "256KiB", spill: "64MiB" },
      actors: {
        lines,
        a: { run: ["cat"], in: "lines" },
        b: { run: ["cat"], in: "lines" },
        joined: { run: ["cat"], in: ["a", "b"] },
      },
      out: { "made.txt": "joined" },
    });
    if (place === undefined) return skip("no disk can be mounted");
    const { folder, disk } = place;
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")], { env: { TMPDIR: disk } });
    expect(code).toBe(3);
    expect(stderr).toContain(`the temporary folder "${disk}" is full (ENOSPC: no space left on device`);
    expect(stderr).toContain("set TMPDIR to a folder on a larger disk");
    expect(readdirSync(folder).sort()).toEqual(["disk", "flow.json"]);
    expect(readdirSync(disk)).toEqual([]);
  });

  it("a folder that was nearly full is named, not a limit that the flow does not have", async ({ skip }) => {
    const limits = { memory: "256KiB" };
    const place = makeDisk(1, {
      limits,
      actors: {
        lines,
        a: { run: ["cat"], in: "lines" },
        b: { run: ["cat"], in: "lines" },
        joined: { run: ["cat"], in: ["a", "b"] },
      },
    });
    if (place === undefined) return skip("no disk can be mounted");
    const { folder, disk } = place;
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")], { env: { TMPDIR: disk } });
    expect(code).toBe(3);
    expect(stderr).toContain(`the room in the temporary folder "${disk}" is used up`);
    expect(stderr).toContain("make room in it, or set TMPDIR to a folder on a larger disk");
    writeFileSync(
      join(folder, "flow.json"),
      JSON.stringify({ limits, actors: { lines: { ...lines, retry: { max: 1 } } } }),
    );
    const tried = await run(runtime, [join(folder, "flow.json")], { env: { TMPDIR: disk } });
    expect({ code: tried.code, stdout: tried.stdout }).toEqual({ code: 3, stdout: "" });
    expect(tried.stderr).toContain(
      `Actor "lines" writes more than can be held: the room in the temporary folder "${disk}" is used up`,
    );
  });

  it("a cached actor that never ends leaves half of the disk to others", async ({ skip }) => {
    // It is looked at every now and then: whoever writes faster than that finds the disk full.
    const paced = "while head -c 1000000 /dev/zero; do sleep 0.01; done";
    const place = makeDisk(64, { actors: { endless: { sh: paced, cache: true, reads: [] } } });
    if (place === undefined) return skip("no disk can be mounted");
    const { folder, disk } = place;
    const options = { env: { SLUICE_CACHE: join(disk, "cache") } };
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")], options);
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toMatch(
      /^Actor "endless" was killed: its output takes [\d.]+ MiB, more than half of what was free in the cache's folder "/,
    );
    expect(stderr).toContain("set SLUICE_CACHE to a folder on a larger disk, or allow more with");
    expect(readdirSync(join(disk, "cache/runs"))).toEqual([]);
  });

  it("a cached actor writes no more than limits.spill, itself and what it leaves behind", async () => {
    const endless = { cache: true, reads: [] };
    const folder = makeFolder({
      "flow.json": {
        limits: { spill: "1MiB" },
        onFailure: "continue",
        actors: {
          own: { ...endless, sh: YES },
          child: { ...endless, sh: `${YES} & echo begun` },
          small: { sh: "echo small", cache: true, reads: [] },
          all: { run: ["cat"], in: ["own", "child", "small"] },
        },
      },
    });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stdout }, stderr).toEqual({ code: 4, stdout: "small\n" });
    for (const name of ["own", "child"]) {
      expect(stderr).toMatch(
        new RegExp(
          `Actor "${name}" was killed: its output takes [\\d.]+ [MG]iB, more than limits.spill \\(1 MiB\\)`,
        ),
      );
    }
    expect(stderr).toContain('allow more with "limits": {"spill": "…"} in the flow');
  });

  it("an input that is given as a file tells the bound that was kept", async ({ skip }) => {
    const place = makeDisk(16, {
      actors: {
        endless: { sh: "while head -c 100000 /dev/zero; do sleep 0.02; done" },
        a: { run: ["wc", "-c", "{in.x}"], in: { x: { from: "endless", as: "file" } } },
      },
    });
    if (place === undefined) return skip("no disk can be mounted");
    const { folder, disk } = place;
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")], { env: { TMPDIR: disk } });
    expect(code, stderr).toBe(4);
    const [, used, bound] =
      /it takes ([\d.]+) MiB, more than half of what was free in the temporary folder "[^"]*" \(([\d.]+) MiB\)/
        .exec(stderr) ?? [];
    expect(Number(bound), stderr).toBeGreaterThan(7.5);
    expect(Number(bound), stderr).toBeLessThanOrEqual(8);
    expect(Number(used), stderr).toBeGreaterThanOrEqual(Number(bound));
  });

  it("an input that is given as a file names the full folder", async ({ skip }) => {
    const place = makeDisk(1, {
      limits: { spill: "1GiB" }, // Else it ends before the disk is full, with what may be used of it.
      actors: { lines, a: { run: ["wc", "-c", "{in.x}"], in: { x: { from: "lines", as: "file" } } } },
    });
    if (place === undefined) return skip("no disk can be mounted");
    const { folder, disk } = place;
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")], { env: { TMPDIR: disk } });
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Cannot write input "x" of actor "a" into a file: the temporary folder "${disk}" is full`,
    );
    expect(stderr).toContain("set TMPDIR to a folder on a larger disk");
  });
});
