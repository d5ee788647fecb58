/** Streams that are split by key, as a user runs them. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { findCommand, makeFolder, run, runtimes, start, startCommand, until } from "./rig.ts";

const CSV = { key: { column: "country" }, format: "csv" };
const HEAD = "id,country,note\n";

/** A folder with rows and a flow that splits them. */
function makeRows(rows: string, { flow = {}, split = CSV }: { flow?: object; split?: object } = {}): string {
  return makeFolder({
    "rows.csv": rows,
    "flow.json": {
      actors: { src: { file: "rows.csv" }, rows: { split, in: "src" } },
      out: { "by/{key}.csv": "rows" },
      ...flow,
    },
  });
}

/** What is in the files below a folder, by their names. */
function readAll(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    names.filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );
}

const disks: string[] = [];
afterEach(() => {
  for (const disk of disks.splice(0)) execFileSync("umount", ["--lazy", disk]);
});

describe.each(runtimes)("a split on $name", (runtime) => {
  // src ─▶ rows ─▶ by/{key}.csv
  it("writes a file for each key, each with the header, and tells how many", async () => {
    const rows = `${HEAD}1,NO,a\n2,SE,"b\n,x"\n3,NO,c\n4,"D,""K",d\n5,SE,e`;
    const folder = makeRows(rows);
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json"), "--json"]);
    expect(readAll(join(folder, "by"))).toEqual({
      'D,"K.csv': `${HEAD}4,"D,""K",d\n`,
      "NO.csv": `${HEAD}1,NO,a\n3,NO,c\n`,
      "SE.csv": `${HEAD}2,SE,"b\n,x"\n5,SE,e`,
    });
    const told = JSON.parse(stderr);
    expect({ code, stdout, rows: told.actors.rows, outputs: told.outputs }).toMatchObject({
      code: 0,
      stdout: "",
      rows: { state: "done", keys: 3, bytesIn: rows.length },
      outputs: [{
        target: join(folder, "by/{key}.csv"),
        files: 3,
        bytes: rows.length + 2 * HEAD.length,
        isKept: true,
      }],
    });
  });

  // b, c ─▶ rows ─▶ {key}x/all.txt; b, a ─▶ keys ─▶ n/{key.index}, k/{key.index}; a ─▶ out
  it("has several outputs and inputs, makes folders, and keeps the rights of what is there", async () => {
    const flow = {
      actors: {
        a: { value: '{"k":"x","n":1}\n{"k":"y/z"}\n' },
        b: { sh: `printf '{"k":"x","n":2}\n'` },
        c: { value: '{"k":"q","n":1}\n' },
        rows: { split: { key: "/n" }, in: ["b", "c"] },
        keys: { split: { key: "/k" }, in: ["b", "a"] },
      },
      out: { "-": "a", "{key}x/all.txt": "rows", "n/{key.index}": "keys", "k/{key.index}": "keys" },
    };
    const folder = makeFolder({ "flow.json": flow, "2x/all.txt": "old" });
    chmodSync(join(folder, "2x/all.txt"), 0o640);
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: flow.actors.a.value, stderr: "" });
    const x = '{"k":"x","n":2}\n{"k":"x","n":1}\n';
    expect(readAll(folder)).toEqual({
      "flow.json": JSON.stringify(flow),
      "1x/all.txt": '{"k":"q","n":1}\n',
      "2x/all.txt": '{"k":"x","n":2}\n',
      "k/0": x,
      "k/1": '{"k":"y/z"}\n',
      "n/0": x,
      "n/1": '{"k":"y/z"}\n',
    });
    expect(statSync(join(folder, "2x/all.txt")).mode & 0o777).toBe(0o640);
  });

  it("has no files of nothing, and of a header alone", async () => {
    for (const rows of ["", HEAD]) {
      const folder = makeRows(rows);
      const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
      expect({ code, stderr, files: readdirSync(folder) }).toEqual({
        code: 0,
        stderr: "",
        files: ["flow.json", "rows.csv"],
      });
    }
  });

  it("splits into thousands of files in any order, with few descriptors", async () => {
    const keys = 5000;
    let rows = HEAD;
    for (let at = 0; at < 40_000; at++) rows += `${at},k${(at * 7919) % keys},${"x".repeat(at % 50)}\n`;
    rows += "last,late,\n";
    const folder = makeRows(rows);
    const words = runtime.command.map((word) => `'${word}'`).join(" ");
    const script = `ulimit -n 256; exec ${words} '${join(folder, "flow.json")}'`;
    const { code, stderr } = await startCommand(["sh", "-c", script]).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const files = readAll(join(folder, "by"));
    expect(Object.keys(files)).toHaveLength(keys + 1);
    const expected = new Map<string, string>();
    for (const line of rows.slice(HEAD.length).match(/.*\n/g) ?? []) {
      const key = line.split(",")[1] ?? "";
      expected.set(`${key}.csv`, (expected.get(`${key}.csv`) ?? HEAD) + line);
    }
    expect(files).toEqual(Object.fromEntries(expected));
  });

  it.each([
    ["a folder above", "../x", 'its key "../x" has a slash'],
    ["the folder itself", "..", 'its key ".." leads to another folder', "by/{key}/x"],
    ["nothing", "", "its key is empty"],
    ["too long a name", "k".repeat(252), "makes the name of its file too long"],
    ["bytes that are no text", Buffer.from([0xff]).toString("latin1"), "is no text in UTF-8"],
    ["a character that no file can have", "a\0b", 'its key "a\\u0000b" has a NUL character'],
  ])(
    "refuses a key that names %s, and puts nothing in place",
    async (_, key, problem, name = "by/{key}.csv") => {
      const folder = makeRows("", { flow: { out: { [name]: "rows" } } });
      writeFileSync(join(folder, "rows.csv"), Buffer.from(`${HEAD}1,NO,a\n2,${key},b\n`, "latin1"));
      const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^Cannot split by actor "rows": record 3 \("2,/);
      expect(stderr).toContain(problem);
      expect(stderr).toContain(
        "expected a key that can be the name of a file, or {key.index}, its number, in the name",
      );
      expect(readdirSync(folder)).toEqual(["flow.json", "rows.csv"]);
    },
  );

  it("refuses two keys that give one file, and one that gives another output's", async () => {
    const folder = makeRows(`${HEAD}1,b,\n2,ab,\n`, {
      flow: { out: { "by/a{key}": "rows", "by/{key}": "rows" } },
    });
    const twice = await run(runtime, [join(folder, "flow.json")]);
    expect(twice.code).toBe(1);
    expect(twice.stderr).toContain(
      `record 3 ("2,ab,"): its key "ab" would write "${folder}/by/ab", which key "b" writes (expected one for each file)`,
    );
    const other = makeRows(`${HEAD}1,b,\n`, { flow: { out: { "{key}.txt": "rows", "b.txt": "src" } } });
    const taken = await run(runtime, [join(other, "flow.json")]);
    expect(taken.code).toBe(1);
    expect(taken.stderr).toContain(`its key "b" would write "${other}/b.txt", which another output writes`);
    expect([readdirSync(folder), readdirSync(other)]).toEqual([["flow.json", "rows.csv"], [
      "flow.json",
      "rows.csv",
    ]]);
  });

  it("puts nothing in place when a place is a folder", async () => {
    const folder = makeRows(`${HEAD}1,NO,\n2,SE,\n`);
    mkdirSync(join(folder, "by/SE.csv"), { recursive: true });
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect(code).toBe(1);
    expect(stderr).toContain(`"${folder}/by/SE.csv": it is a folder (expected a file)`);
    expect(readdirSync(join(folder, "by"))).toEqual(["SE.csv"]);
  });

  // half ─▶ rows ─▶ by/{key}.csv
  it("puts nothing in place when an actor fails after half", async () => {
    const half = { sh: "echo id,country; echo 1,NO; echo 2,SE; exit 3" };
    const folder = makeRows("", {
      flow: {
        onFailure: "continue",
        actors: {
          src: { file: "rows.csv" },
          half,
          rows: { split: CSV, in: "half" },
          ok: { run: ["echo", "x"] },
        },
        out: { "by/{key}.csv": "rows", "ok.txt": "ok" },
      },
    });
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect(code).toBe(1);
    expect(stderr).toContain('Actor "half" failed: exit 3');
    // What does not depend on it is there.
    expect(readdirSync(folder)).toEqual(["flow.json", "ok.txt", "rows.csv"]);
  });

  it("tells a disk that is full in the middle, and puts nothing in place", async ({ skip }) => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          src: { sh: 'seq 1 2000000 | awk \'{ print $1 ",k" $1 % 10 ",abcdefghijklmnopqrstuvwxyz" }\'' },
          rows: { split: { key: { column: 2, separator: "," } }, in: "src" },
        },
        out: { "disk/{key}.txt": "rows" },
      },
    });
    const disk = join(folder, "disk");
    mkdirSync(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=40m", "none", disk], { stdio: "ignore" });
    } catch {
      return skip("no disk can be mounted");
    }
    disks.push(disk);
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect(code).toBe(1);
    expect(stderr).toContain(`Cannot write output "${disk}/{key}.txt": ENOSPC: no space left on device`);
    expect(stderr.match(/Cannot|failed/g)).toHaveLength(1);
    expect(readdirSync(disk)).toEqual([]);
  });

  it("leaves no file when the engine is killed", async () => {
    const temporary = makeFolder();
    const folder = makeRows("", {
      flow: {
        actors: {
          // More than is held in memory; then it waits.
          src: { sh: "seq 1 6000000 | awk '{ print $1 \",k\" $1 % 10 }'; exec sleep 4731" },
          rows: { split: { key: { column: 2, separator: "," } }, in: "src" },
        },
      },
    });
    const { child, ended } = start(runtime, [join(folder, "flow.json")], { env: { TMPDIR: temporary } });
    const below = join(folder, "by");
    await until(() => existsSync(below) && readdirSync(below, { recursive: true }).length > 10);
    await until(() => findCommand("sleep 4731").length > 0);
    expect(readdirSync(below)).toEqual([expect.stringMatching(/^\.sluice-.*\.tmp$/)]);
    child.kill("SIGKILL");
    await ended;
    await until(() => readdirSync(below).length === 0 && readdirSync(temporary).length === 0);
  });

  it("puts nothing in place when it is interrupted", async () => {
    const folder = makeRows("", {
      flow: {
        actors: {
          src: { sh: "echo 1,a; exec sleep 4732" },
          rows: { split: { key: { column: 2, separator: "," } }, in: "src" },
        },
      },
    });
    const { child, ended } = start(runtime, [join(folder, "flow.json")]);
    await until(() => findCommand("sleep 4732").length > 0);
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
    expect(readdirSync(folder)).toEqual(["flow.json", "rows.csv"]);
  });

  it("shows what splits in the tree, in a check, in pictures and in a database", async () => {
    const folder = makeRows(`${HEAD}1,NO,\n`);
    const flow = join(folder, "flow.json");
    const told = async (...args: readonly string[]) => (await run(runtime, args)).stdout;
    expect(await told("tree", flow)).toBe("├── rows [⋯ not built]\n│   ├── src [✓ built]\n");
    expect(await told("check", flow)).toContain("rows → 'by/{key}.csv'  relay       a file for each key");
    expect(await told("graph", flow, "--format", "mermaid")).toContain("split by column country of CSV");
    expect(await told("graph", flow, "--format", "dot")).toContain("split by column country of CSV");
    expect((await run(runtime, [flow, "--dry-run"])).stdout).toContain("'by/{key}.csv' < rows");
    const db = join(folder, "run.db");
    expect((await run(runtime, [flow, "--db", db])).code).toBe(0);
    expect(await told("inspect", db, "--run", "1")).toContain("rows [✓ built");
  });

  it("is made again with what an earlier run has built", async () => {
    const folder = makeRows("", {
      flow: {
        actors: {
          src: { sh: `echo once >> count; printf '${HEAD.trim()}\\n1,NO,a\\n'` },
          rows: { split: CSV, in: "src" },
          bad: { sh: "[ -e good ]", in: "src" },
        },
        out: { "by/{key}.csv": "rows", "-": "bad" },
      },
    });
    const flow = join(folder, "flow.json");
    const db = join(folder, "run.db");
    expect((await run(runtime, [flow, "--db", db])).code).toBe(1);
    expect(existsSync(join(folder, "by"))).toBe(false);
    writeFileSync(join(folder, "good"), "");
    const { code, stderr } = await run(runtime, [flow, "--db", db, "--resume"]);
    expect({ code, stderr, made: readAll(join(folder, "by")) }).toEqual({
      code: 0,
      stderr: "",
      made: { "NO.csv": `${HEAD}1,NO,a\n` },
    });
    expect(readFileSync(join(folder, "count"), "utf8")).toBe("once\n");
  });
});

it("a split has a file for each key only where the system lets it", async ({ skip }) => {
  if (process.getuid?.() === 0) return skip("root may write anywhere");
  const folder = makeRows(`${HEAD}1,NO,\n`);
  mkdirSync(join(folder, "by"));
  chmodSync(join(folder, "by"), 0o500);
  const { code, stderr } = await run(runtimes[0], [join(folder, "flow.json")]);
  expect(code).toBe(2);
  expect(stderr).toContain("its folder may not be written");
});
