/** A run with `--db`: every stream, actor and event is in the database, byte for byte. */
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { capture, mee, MIB, query } from "./capture_rig.ts";
import { makeFolder, run, runtimes, startCommand } from "./rig.ts";

const hasSqlite = spawnSync("sqlite3", ["--version"]).status === 0;

describe.each(runtimes)("on $name", (runtime) => {
  it("the first seed's flow is in Dict, a row for each stream", async () => {
    const { db, code, stdout, stderr } = await capture(runtime, mee, { stdin: "1111\n2222\n3333\n" });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "(mee too)1111\n2222\n3333\n", stderr: "" });
    expect(await query(runtime, db, "SELECT * FROM Dict")).toEqual([
      ["note", "(mee too)"],
      ["keys", "1111\n2222\n3333\n"],
      ["foo", "1111\n2222\n3333\n"],
      ["bar", "(mee too)1111\n2222\n3333\n"],
      ["baz", "(mee too)1111\n2222\n3333\n"],
    ]);
    expect(readdirSync(join(db, ".."))).toEqual(["run.db"]);
  });

  it.skipIf(!hasSqlite)("sqlite3 prints what the first seed shows", async () => {
    const { db } = await capture(runtime, mee, { stdin: "111122223333" });
    expect(execFileSync("sqlite3", [db, "SELECT * FROM Dict"], { encoding: "utf8" })).toBe(
      "note|(mee too)\nkeys|111122223333\nfoo|111122223333\nbar|(mee too)111122223333\nbaz|(mee too)111122223333\n",
    );
  });

  it("runs, actors, events and streams are tables", async () => {
    const flow = {
      name: "failing",
      actors: {
        a: { sh: "echo hello; echo careful >&2" },
        b: { sh: "cat; exit 3", in: "a", ok: [0] },
        c: { run: ["cat"], in: "b" },
      },
    };
    const { db, code } = await capture(runtime, flow);
    expect(code).toBe(1);
    expect(await query(runtime, db, "SELECT id, flow, state, exit_code, ended >= started FROM runs"))
      .toEqual([[1, "failing", "failed", 1, 1]]);
    const actors =
      "SELECT name, kind, state, exit_code, command, pid > 0, ended >= started FROM actors ORDER BY id";
    expect((await query(runtime, db, actors)).slice(0, 2)).toEqual([
      ["a", "sh", "done", 0, '["sh","-c","echo hello; echo careful >&2"]', 1, 1],
      ["b", "sh", "failed", 3, '["sh","-c","cat; exit 3"]', 1, 1],
    ]);
    const events = await query(
      runtime,
      db,
      "SELECT type, actor, event FROM events WHERE actor = 'a' ORDER BY id",
    );
    expect(events.map(([type]) => type)).toEqual(["actor-started", "stderr", "actor-ended"]);
    expect(JSON.parse(String(events[1]?.[2]))).toMatchObject({ type: "stderr", actor: "a", line: "careful" });
    const failures = await query(runtime, db, "SELECT event FROM events WHERE type = 'failure'");
    expect(JSON.parse(String(failures[0]?.[0]))).toMatchObject({
      failure: { kind: "exit", actor: "b", code: 3 },
    });
    expect(await query(runtime, db, "SELECT type FROM events WHERE type = 'progress'")).toEqual([]);
    expect(
      await query(runtime, db, "SELECT name, size, is_complete FROM streams WHERE name < 'c' ORDER BY id"),
    )
      .toEqual([["a", 6, 1], ["b", 6, 1]]);
  });

  it("bytes of every value are exact, and a text is a text", async () => {
    const flow = {
      actors: {
        bytes: { sh: 'for i in $(seq 0 255); do printf "\\\\$(printf %03o $i)"; done' },
        again: { run: ["cat"], in: "bytes" },
        text: { sh: "printf 'gr\\303\\274n'" },
        half: { sh: "printf 'gr\\303'" },
        zero: { sh: "printf 'a\\000b'" },
        empty: { run: ["true"] },
        nothing: { value: "" },
        all: { run: ["wc", "-c"], in: ["again", "text", "half", "zero", "empty", "nothing"] },
      },
    };
    const { db, code, stdout } = await capture(runtime, flow);
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: "267" });
    const hex = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString("hex");
    expect(await query(runtime, db, "SELECT key, value FROM Dict WHERE key <> 'all'")).toEqual([
      ["bytes", { hex }],
      ["again", { hex }],
      ["text", "grün"],
      ["half", { hex: "6772c3" }],
      ["zero", { hex: "610062" }],
      ["empty", ""],
      ["nothing", ""],
    ]);
    expect(await query(runtime, db, "SELECT count(*) FROM streams WHERE is_complete")).toEqual([[8]]);
  });

  it("ports, standard errors, files and what nobody reads are streams too", async () => {
    const folder = makeFolder({
      "words.txt": "pear\napple\n",
      "flow.json": {
        actors: {
          words: { file: "words.txt" },
          split: {
            sh: "cat; echo audit >&4; echo unread >&5; echo bad >&2",
            in: "words",
            outputs: { audit: 4, unread: 5 },
          },
          sorted: { run: ["sort"], in: "split" },
          errors: { run: ["cat"], in: "split.stderr" },
          end: { run: ["cat"], in: { stdin: "sorted", left: "split.audit" } },
          unheard: { sh: "cat >&2; echo lost", in: "errors" },
          last: { run: ["cat"], in: ["end", "unheard.stderr"] },
        },
        out: "last",
      },
    });
    const db = join(folder, "run.db");
    const { code, stdout } = await run(runtime, [join(folder, "flow.json"), "--db", db]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "apple\npear\nbad\n" });
    expect(await query(runtime, db, "SELECT key, value FROM Dict")).toEqual([
      ["words", "pear\napple\n"],
      ["split", "pear\napple\n"],
      ["split.audit", "audit\n"],
      ["split.unread", "unread\n"],
      ["split.stderr", "bad\n"],
      ["sorted", "apple\npear\n"],
      ["errors", "bad\n"],
      ["end", "apple\npear\n"],
      ["unheard", "lost\n"],
      ["unheard.stderr", "bad\n"],
      ["last", "apple\npear\nbad\n"],
    ]);
    expect(await query(runtime, db, "SELECT name FROM streams WHERE NOT is_complete")).toEqual([]);
  });

  it("a stream of 100 MiB is there as a whole, and given back as it was", async () => {
    const flow = {
      actors: {
        zeros: { sh: `head -c ${100 * MIB} /dev/zero | tr '\\0' 'x'; echo end` },
        copy: { run: ["cat"], in: "zeros" },
        sum: { run: ["md5sum"], in: "copy" },
      },
    };
    const { db, stdout } = await capture(runtime, flow);
    const size = 100 * MIB + 4;
    expect(await query(runtime, db, "SELECT name, size, is_complete FROM streams WHERE name <> 'sum'"))
      .toEqual([["zeros", size, 1], ["copy", size, 1]]);
    expect(
      await query(runtime, db, "SELECT key, length(value), substr(value, -5) FROM Dict WHERE key = 'copy'"),
    )
      .toEqual([["copy", size, "xend\n"]]);
    const command = runtime.command.map((word) => `'${word}'`).join(" ");
    const again = await startCommand(["sh", "-c", `${command} inspect '${db}' copy | md5sum`]).ended;
    expect(again.stdout).toBe(stdout);
  });

  it("standard input that is a file is captured, from where it stands", async () => {
    const folder = makeFolder({ "flow.json": mee, "input.txt": "first\nsecond\n" });
    const command = runtime.command.map((word) => `'${word}'`).join(" ");
    const db = join(folder, "run.db");
    const script =
      `{ IFS= read -r line; ${command} '${folder}/flow.json' --db '${db}'; } < '${folder}/input.txt'`;
    const { stdout } = await startCommand(["bash", "-c", script]).ended;
    expect(stdout).toBe("(mee too)second\n");
    expect(await query(runtime, db, "SELECT value FROM Dict WHERE key IN ('keys', 'foo')")).toEqual([
      ["second\n"],
      ["second\n"],
    ]);
  });

  it.each(["--start=lazy", "--processes=1", "--stop-after=bar"])("captures with %s", async (option) => {
    const { db, code } = await capture(runtime, mee, { stdin: "x\n", args: [option] });
    expect(code).toBe(0);
    expect((await query(runtime, db, "SELECT * FROM Dict"))[3]).toEqual(["bar", "(mee too)x\n"]);
  });

  it("several runs are in one database, and the newest is in Dict", async () => {
    const { folder } = await capture(runtime, mee, { stdin: "one\n" });
    const { db } = await capture(runtime, mee, { stdin: "two\nthree\n", folder });
    expect(await query(runtime, db, "SELECT value FROM Dict WHERE key = 'foo'")).toEqual([["two\nthree\n"]]);
    expect(await query(runtime, db, "SELECT id, state FROM runs")).toEqual([[1, "done"], [2, "done"]]);
    const old = await run(runtime, ["inspect", db, "foo", "--run", "1"]);
    expect(old).toEqual({ code: 0, signal: null, stdout: "one\n", stderr: "" });
    const { stdout } = await run(runtime, ["inspect", db, "--diff", "1", "2"]);
    expect(stdout.split("\n").filter((line) => line.includes("stream"))).toEqual([
      "  stream keys: 4 bytes → 10 bytes; first difference at byte 0, line 1",
      "  stream foo: 4 bytes → 10 bytes; first difference at byte 0, line 1",
      "  stream bar: 13 bytes → 19 bytes; first difference at byte 9, line 1",
      "  stream baz: 13 bytes → 19 bytes; first difference at byte 9, line 1",
    ]);
  });

  it("many lines on standard error are events, all of them and in order", async () => {
    const { db, code } = await capture(runtime, { actors: { a: { sh: "seq 20000 >&2" } } });
    expect(code).toBe(0);
    const lines = await query(
      runtime,
      db,
      "SELECT count(*), sum(CAST(event ->> 'line' AS INTEGER) = row) FROM (SELECT event, row_number() OVER (ORDER BY id) AS row FROM events WHERE type = 'stderr')",
    );
    expect(lines).toEqual([[20000, 20000]]);
  });
});
