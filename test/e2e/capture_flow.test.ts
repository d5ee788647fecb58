/** What a flow does is the same with `--db`: who leaves early, who is abandoned, what has to grow. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { capture, mee, query } from "./capture_rig.ts";
import { makeFolder, run, runtimes, start, until } from "./rig.ts";

describe.each(runtimes)("on $name", (runtime) => {
  it("`yes | head -1` still ends, and the writer's beginning is kept", async () => {
    const flow = { actors: { y: { run: ["yes"] }, h: { run: ["head", "-1"], in: "y" } } };
    const { db, code, stdout, stderr } = await capture(runtime, flow);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "y\n", stderr: "" });
    const sql = "SELECT name, size > 2, is_complete FROM streams ORDER BY id";
    expect(await query(runtime, db, sql)).toEqual([["y", 1, 0], ["h", 0, 1]]);
    expect(
      await query(
        runtime,
        db,
        "SELECT replace(value, 'y' || char(10), '') IN ('', 'y') FROM Dict WHERE key = 'y'",
      ),
    )
      .toEqual([[1]]);
  });

  it("an abandoned stream is read on while another one is read, and kept", async () => {
    const flow = {
      actors: {
        two: { sh: "seq 300000 >&3; echo done", outputs: { more: 3 } },
        early: { run: ["head", "-1"], in: "two.more" },
        late: { run: ["cat"], in: "two" },
      },
    };
    const { db, code, stdout } = await capture(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1\ndone\n" });
    expect(await query(runtime, db, "SELECT size, is_complete FROM streams WHERE name = 'two.more'"))
      .toEqual([[1988895, 1]]);
  });

  it("a fan-out that meets again in a join is resolved as without a database", async () => {
    const flow = {
      actors: {
        src: { run: ["seq", "1000000"] },
        sum: { run: ["wc", "-l"], in: "src" },
        copy: { run: ["cat"], in: "src" },
        all: { run: ["cat"], in: ["sum", "copy"] },
        end: { run: ["md5sum"], in: "all" },
      },
    };
    const plain = await run(runtime, [join(makeFolder({ "flow.json": flow }), "flow.json")]);
    const { db, code, stdout } = await capture(runtime, flow);
    expect({ code, stdout }).toEqual({ code: 0, stdout: plain.stdout });
    expect(
      await query(runtime, db, "SELECT name, size, is_complete FROM streams WHERE name IN ('src', 'copy')"),
    )
      .toEqual([["src", 6888896, 1], ["copy", 6888896, 1]]);
  });

  it("what workers and actors with tries read and write is kept as it is given on", async () => {
    const flow = {
      actors: {
        src: { run: ["seq", "1000000"] },
        work: { run: ["cat"], in: "src", workers: 2 },
        tried: { run: ["tail", "-n", "1"], in: "work", retry: 1 },
        given: { run: ["cat"], in: { stdin: { from: "tried", as: "file" } } },
        other: { run: ["wc", "-c"], in: "src", retry: 1 },
        end: { run: ["cat"], in: ["given", "other"] },
      },
    };
    const { db, code, stdout, stderr } = await capture(runtime, flow);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "1000000\n6888896\n", stderr: "" });
    expect(await query(runtime, db, "SELECT name, size, is_complete FROM streams ORDER BY id")).toEqual([
      ["src", 6888896, 1],
      ["work", 6888896, 1],
      ["tried", 8, 1],
      ["given", 8, 1],
      ["other", 8, 1],
      ["end", 16, 1],
    ]);
    expect(await query(runtime, db, "SELECT value FROM Dict WHERE key IN ('tried', 'other')")).toEqual([
      ["1000000\n"],
      ["6888896\n"],
    ]);
    const work = await run(runtime, ["inspect", db, "work"]);
    expect(work.stdout).toBe(Array.from({ length: 1_000_000 }, (_, at) => `${at + 1}\n`).join(""));
    const file = join(makeFolder({ "flow.json": flow }), "flow.json");
    const again = await run(runtime, [file, "--load-state", db]);
    expect(again).toMatchObject({ code: 0, stdout: "1000000\n6888896\n" });
  });

  it("of several tries the last is kept, and what was lost is not complete", async () => {
    const flow = {
      actors: {
        tried: {
          sh: "echo try >> tries; n=$(wc -l < tries); echo $n; seq 3; [ $n -ge 3 ]",
          retry: { max: 3, backoff: "1ms" },
        },
        failed: { sh: "echo half; exit 1", retry: { max: 1, backoff: "1ms" } },
        many: { run: ["cat"], in: "lines", workers: 2 },
        lines: { run: ["seq", "100000"] },
        first: { sh: "head -n 1", in: "many" },
        all: { run: ["cat"], in: ["tried", "failed", "first"] },
      },
      onFailure: "continue",
    };
    const { db, code, stdout } = await capture(runtime, flow, { args: ["--quiet"] });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "3\n1\n2\n3\n1\n" });
    expect(await query(runtime, db, "SELECT key, value FROM Dict WHERE key IN ('tried', 'failed')")).toEqual([
      ["tried", "3\n1\n2\n3\n"],
      ["failed", ""],
    ]);
    expect(await query(runtime, db, "SELECT is_complete FROM streams WHERE name = 'many'")).toEqual([[0]]);
  });

  it("a stop by signal is in the database", async () => {
    const folder = makeFolder({ "flow.json": mee });
    const db = join(folder, "run.db");
    const { child, ended, stdout } = start(runtime, [join(folder, "flow.json"), "--db", db], {
      stdin: "open",
    });
    child.stdin?.write("one\n");
    await until(() => stdout().includes("one"));
    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
    expect(await query(runtime, db, "SELECT state, exit_code FROM runs")).toEqual([["stopped", 143]]);
    expect(await query(runtime, db, "SELECT value FROM Dict WHERE key = 'bar'")).toEqual([[
      "(mee too)one\n",
    ]]);
  });
});
