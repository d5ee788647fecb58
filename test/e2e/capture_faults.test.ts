/** A database that cannot be used, another run in it, a kill, a full disk. */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { FORMAT_VERSION } from "../../lib/store/capture/schema.ts";
import { ask, capture, mee, MIB, query, untilIt } from "./capture_rig.ts";
import { findCommand, leftovers, makeFolder, root, run, runtimes, start, until } from "./rig.ts";

const mounted: string[] = [];
afterEach(() => {
  for (const folder of mounted.splice(0)) execFileSync("umount", ["--lazy", folder]);
});

describe.each(runtimes)("on $name", (runtime) => {
  it("what is no database of runs is refused before anything is started", async () => {
    const folder = makeFolder({ "text.db": "no database, ".repeat(1000), "flow.json": mee });
    const flow = join(folder, "flow.json");
    execFileSync(join(root, "node_modules/.bin/node"), [
      "-e",
      `const { DatabaseSync } = require("node:sqlite");
       new DatabaseSync("${folder}/other.db").exec("CREATE TABLE t (a)");`,
    ]);
    const { db } = await capture(runtime, mee);
    copyFileSync(db, join(folder, "newer.db"));
    await query(runtime, join(folder, "newer.db"), "PRAGMA user_version = 99");
    const cases = [
      ["text.db", "it is no SQLite database (choose another file)"],
      ["other.db", "it is a database of another program (choose another file)"],
      [
        "newer.db",
        `a newer sluice has written it: format 99, this one knows ${FORMAT_VERSION} (choose another file, or take`,
      ],
      ["missing/run.db", "its folder does not exist (make the folder first)"],
      [".", "it is no regular file (choose another)"],
    ] as const;
    for (const [name, reason] of cases) {
      const { code, stdout, stderr } = await run(runtime, [flow, "--db", join(folder, name)], { stdin: "x" });
      expect({ name, code, stdout }).toEqual({ name, code: 2, stdout: "" });
      expect(stderr).toContain(`sluice: Cannot use database "${join(folder, name)}": ${reason}`);
    }
    const unknown = await run(runtime, ["inspect", join(folder, "nowhere.db")]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("there is no such file (sluice FLOW --db FILE makes one)");
    expect(existsSync(join(folder, "nowhere.db"))).toBe(false);
  });

  it("a database that another run writes is refused, and free afterwards", async () => {
    const folder = makeFolder({ "flow.json": mee });
    const [flow, db] = [join(folder, "flow.json"), join(folder, "run.db")];
    const first = start(runtime, [flow, "--db", db], { stdin: "open" });
    first.child.stdin?.write("one\n");
    await until(() => first.stdout().includes("one"));
    const second = await run(runtime, [flow, "--db", db], { stdin: "two\n" });
    expect(second.code).toBe(2);
    expect(second.stderr).toContain("another run is writing it");
    first.child.stdin?.end();
    expect((await first.ended).code).toBe(0);
    expect((await run(runtime, [flow, "--db", db], { stdin: "two\n" })).code).toBe(0);
    expect(await query(runtime, db, "SELECT count(*) FROM runs")).toEqual([[2]]);
  });

  it.each([0, 1, 7, 40])("a kill -9 after %i MiB leaves what was written", async (mib) => {
    const folder = makeFolder({
      "flow.json": { actors: { y: { run: ["yes"] }, sink: { sh: "cat > /dev/null", in: "y" } } },
    });
    const db = join(folder, "run.db");
    const { child, ended } = start(runtime, [join(folder, "flow.json"), "--db", db]);
    await until(() => existsSync(db) && statSync(db).size > mib * MIB && findCommand("yes").length > 0);
    child.kill("SIGKILL");
    await ended;
    await until(() => leftovers().length === 0);
    expect(await query(runtime, db, "PRAGMA integrity_check")).toEqual([["ok"]]);
    const runs = await query(runtime, db, "SELECT state, exit_code, ended FROM runs");
    const streams = await query(
      runtime,
      db,
      `SELECT name, is_complete, size = (SELECT ifnull(sum(length(bytes)), 0) FROM chunks WHERE stream = streams.id)
       FROM streams`,
    );
    // The first bytes of the file come before the run does.
    const hasBegun = mib > 0 || runs.length > 0;
    expect(runs).toEqual(hasBegun ? [["running", null, null]] : []);
    expect(streams).toEqual(hasBegun ? [["y", 0, 1], ["sink", 0, 1]] : []);
    const list = await run(runtime, ["inspect", db]);
    expect(list.stdout.includes("not ended")).toBe(hasBegun);
  });

  it("what was said before a kill -9 is there, though the stream was slow", async () => {
    const folder = makeFolder({ "flow.json": mee });
    const db = join(folder, "run.db");
    const { child, ended } = start(runtime, [join(folder, "flow.json"), "--db", db], { stdin: "open" });
    child.stdin?.write("slow\n");
    // The engine holds the lock, so a copy is looked at, with its journal: as a crash would leave them.
    const copies = makeFolder();
    const sql = "SELECT value FROM Dict WHERE key = 'foo'";
    const look = async (): Promise<unknown> => {
      for (const name of readdirSync(folder).filter((each) => each.startsWith("run.db"))) {
        writeFileSync(join(copies, name), readFileSync(join(folder, name)));
      }
      return (await ask(runtime, { db: join(copies, "run.db"), sql }))?.[0]?.[0];
    };
    await untilIt(async () => await look() === "slow\n");
    child.kill("SIGKILL");
    await ended;
    expect(await query(runtime, db, "SELECT value FROM Dict WHERE key = 'foo'")).toEqual([["slow\n"]]);
  });

  it("a full disk under the database is named, and what the flow makes is whole", async ({ skip }) => {
    const folder = makeFolder({
      "flow.json": {
        actors: { src: { run: ["seq", "3000000"] }, copy: { run: ["cat"], in: "src" } },
        out: { "made.txt": "copy" },
      },
    });
    const disk = join(folder, "disk");
    mkdirSync(disk);
    if (!mountDisk(disk)) return skip("no disk can be mounted");
    const db = join(disk, "run.db");
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json"), "--db", db]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(`Cannot write database "${db}": ENOSPC: database or disk is full`);
    expect(statSync(join(folder, "made.txt")).size).toBe(22888896);
    const state = await query(runtime, db, "SELECT state, exit_code, ended IS NOT NULL, cut FROM runs");
    expect(state).toEqual([["failed", 1, 1, "ENOSPC: database or disk is full"]]);
    expect(readdirSync(disk)).toEqual(["run.db"]);
    const told =
      "run 1 is here only in part: the database could not be written on (ENOSPC: database or disk is";
    expect((await run(runtime, ["inspect", db])).stdout).toContain(told);
    expect((await run(runtime, ["inspect", db, "--run", "1"])).stdout).toContain(told);
  });

  it("a disk that has no room for the run itself is told", async ({ skip }) => {
    const folder = makeFolder({ "flow.json": { actors: { a: { run: ["echo", "hello"] } } } });
    const disk = join(folder, "disk");
    mkdirSync(disk);
    if (!mountDisk(disk, "900k")) return skip("no disk can be mounted");
    const db = join(disk, "run.db");
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json"), "--db", db]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "hello\n" });
    expect(stderr).toContain(`Cannot write database "${db}": ENOSPC: database or disk is full`);
    expect((await run(runtime, ["inspect", db])).stdout).toContain("no run is in it: none could be written");
  });
});

/** Makes a folder a small disk; false when that is not allowed. */
function mountDisk(folder: string, size = "8m"): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", folder], { stdio: "ignore" });
  } catch {
    return false;
  }
  mounted.push(folder);
  return true;
}
