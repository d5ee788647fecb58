/** Where a run's folder cannot be made, one sentence says so, and nothing is started; where it can, it is used. */
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { findCommand, makeFolder, run, runtimes, start, startCommand, until } from "./rig.ts";

const FLOW = {
  actors: {
    a: { sh: "touch started; echo hi" },
    b: { run: ["cat"], in: "a" },
    c: {
      run: ["diff", "{in.left}", "{in.right}"],
      in: { left: { from: "a", as: "file" }, right: { from: "b", as: "file" } },
    },
  },
  out: { "-": "b", "c.txt": "c" },
};
const LONG = `/tmp/${"x/".repeat(3000)}`;

describe.each(runtimes)("on $name", (runtime) => {
  it.each([
    ["missing", "there is no such folder"],
    ["/proc", "nothing can be made in it"],
    ["file.txt", "it is no folder"],
    [LONG, "its path is too long"],
  ])("TMPDIR=%.20s is refused", async (TMPDIR, reason) => {
    const folder = makeFolder({ "flow.json": FLOW, "file.txt": "" });
    const { code, stdout, stderr } = await run(runtime, ["flow.json"], { cwd: folder, env: { TMPDIR } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Cannot use the temporary folder");
    expect(stderr).toContain(`: ${reason} (expected a folder that may be written; set TMPDIR to one)`);
    expect(readdirSync(folder).sort()).toEqual(["file.txt", "flow.json"]);
  });

  it("one on a disk that is read-only is refused in one sentence", async ({ skip }) => {
    const folder = makeFolder({ "flow.json": FLOW, "disk/made.txt": "" });
    const disk = join(folder, "disk");
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "ro", "none", disk], { stdio: "ignore" });
    } catch {
      return skip("no disk can be mounted");
    }
    try {
      const { code, stdout, stderr } = await run(runtime, ["flow.json"], {
        cwd: folder,
        env: { TMPDIR: disk },
      });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(
        /^.*Cannot use the temporary folder "[^"]*": it (is read-only|may not be written) \(expected .*\)\n(1 issue.*\n)?$/,
      );
    } finally {
      execFileSync("umount", ["--lazy", disk]);
    }
  });

  it("one with a name that a shell would not take as it is, relative too, is used", async () => {
    const name = `-rf $(touch started) two\nlines quo'te"d`;
    const folder = makeFolder({ "flow.json": FLOW });
    mkdirSync(join(folder, name));
    // Relative: the engine, its actors and the watchdog work in several folders.
    expect(await run(runtime, ["flow.json"], { cwd: folder, env: { TMPDIR: name } })).toEqual({
      code: 0,
      signal: null,
      stdout: "hi\n",
      stderr: "",
    });
    expect(readdirSync(join(folder, name))).toEqual([]);
  });

  it("a full one is refused", async ({ skip }) => {
    const folder = makeFolder({ "flow.json": FLOW });
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const mounted = await startCommand(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", disk]).ended;
    if (mounted.code !== 0) skip("this user may not mount a disk of its own");
    try {
      writeFileSync(join(disk, "full"), new Uint8Array(8192));
      const { code, stderr } = await run(runtime, ["flow.json"], { cwd: folder, env: { TMPDIR: disk } });
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining(": it is full (expected"),
      });
      expect({ left: readdirSync(disk), started: existsSync(join(folder, "started")) }).toEqual({
        left: ["full"],
        started: false,
      });
    } finally {
      await startCommand(["umount", "-l", disk]).ended;
    }
  });

  it("a killed engine's files with a line break in their path go, and no others", async () => {
    const folder = makeFolder({
      "flow.json": { actors: { a: { sh: ": waits; sleep 600; :" } }, out: { "two\nlines": "a" } },
    });
    const TMPDIR = join(folder, "tmp\nfolder");
    mkdirSync(TMPDIR);
    const { child, ended, stderr } = start(runtime, ["flow.json"], { cwd: folder, env: { TMPDIR } });
    const names = (): readonly string[] => readdirSync(folder);
    await until(() => findCommand(": waits;").length > 0 && names().length > 2, stderr);
    child.kill("SIGKILL");
    await ended;
    await until(
      () => names().length === 2 && readdirSync(TMPDIR).length === 0,
      () => JSON.stringify(names()),
    );
    expect(names()).toEqual(["flow.json", "tmp\nfolder"]);
  });

  it("what somebody else has put there under the name of a dead run is not followed", async ({ skip }) => {
    if (process.getuid?.() !== 0) skip("only root can give a folder to somebody else");
    const folder = makeFolder({ "flow.json": FLOW, "precious.txt": "mine" });
    // No process has such a number.
    const planted = join(folder, "tmp", "sluice-99999999-abcdef");
    mkdirSync(planted, { recursive: true });
    for (const end of ["\n", "\0"]) {
      writeFileSync(join(planted, "temporary"), `${join(folder, "precious.txt")}${end}`);
      chownSync(planted, 12345, 12345);
      await run(runtime, ["flow.json"], { cwd: folder, env: { TMPDIR: join(folder, "tmp") } });
      expect(existsSync(join(folder, "precious.txt"))).toBe(true);
    }
  });
});
