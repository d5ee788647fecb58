/** Streams of single keys of a split, as a user runs them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runFlow, runtimes } from "./rig.ts";

const BY_SECOND = { key: { column: 2, separator: "," } };
/** Lines `N,KEY` with the keys k0 to k4 in turn, some 9 MiB of them. */
const MANY = { sh: "seq 1 800000 | awk '{ print $1 \",k\" $1 % 5 }'" };

describe.each(runtimes)("the streams of a split on $name", (runtime) => {
  // src ─▶ rows ─▶ [NO] ─▶ no, both; [SE] ─▶ both; [a,b] ─▶ odd; [XX] ─▶ none; rows ─▶ by/{key}
  it("are read by their keys, each with the header, beside a file for each", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          src: { value: 'n,country\n1,NO\n2,SE\n3,NO\n4,"a,b"\n5,"x]"\n6,SE' },
          rows: { split: { key: { column: "country" }, format: "csv" }, in: "src" },
          no: { run: ["nl", "-ba", "-w1", "-s:"], in: "rows[NO]" },
          both: { run: ["cat"], in: ["rows[SE]", ".no"] },
          odd: { run: ["cat"], in: ["rows[a,b]", "rows[x\\]]"] },
          none: { run: ["wc", "-c"], in: "rows[XX]" },
        },
        aliases: { ".no": "rows[NO]" },
        out: { "-": ["no", "both", "odd", "none"], "se.csv": "rows[SE]", "by/{key.index}": "rows" },
      },
    });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
    const head = "n,country\n";
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: "",
      stdout:
        `1:n,country\n2:1,NO\n3:3,NO\n${head}2,SE\n6,SE${head}1,NO\n3,NO\n${head}4,"a,b"\n${head}5,"x]"\n0\n`,
    });
    expect(readFileSync(join(folder, "se.csv"), "utf8")).toBe(`${head}2,SE\n6,SE`);
    expect(readdirSync(join(folder, "by")).sort()).toEqual(["0", "1", "2", "3"]);
  });

  // src ─▶ rows ─▶ [k0] ─▶ zip.left, [k1] ─▶ zip.right; [k2], [k3] ─▶ two
  it("may be as far ahead of each other as a ring of waiting needs it", async () => {
    const { code, stdout, stderr } = await runFlow(runtime, {
      limits: { memory: "256KiB" },
      actors: {
        src: MANY,
        rows: { split: BY_SECOND, in: "src" },
        // It reads the second one to its end before the first.
        zip: {
          sh: 'wc -l < "$SLUICE_IN_RIGHT"; wc -l < "$SLUICE_IN_LEFT"',
          in: { left: "rows[k0]", right: "rows[k1]" },
        },
        two: { run: ["wc", "-l"], in: ["rows[k2]", "rows[k3]"] },
      },
      out: ["zip", "two"],
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "160000\n160000\n320000\n", stderr: "" });
  });

  it("that find no room any more are a deadlock that is told", async () => {
    const { code, stdout, stderr } = await runFlow(runtime, {
      limits: { memory: "0B", spill: "256KiB" },
      actors: {
        src: MANY,
        rows: { split: BY_SECOND, in: "src" },
        two: { run: ["wc", "-l"], in: ["rows[k2]", "rows[k3]"] },
      },
      out: "two",
    });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/^Deadlock: these actors wait for each other/);
    expect(stderr).toContain("two   cannot read rows[k2] → two: empty; waits for rows");
    expect(stderr).toContain("rows  cannot write rows[k3] → two: full");
  });

  // yes ─▶ rows ─▶ [y] ─▶ head, [z] ─▶ none
  it("close the pipe of who writes when all of them have lost their readers", async () => {
    const { code, stdout, stderr } = await runFlow(runtime, {
      actors: {
        src: { run: ["yes", "1,y"] },
        rows: { split: BY_SECOND, in: "src" },
        head: { run: ["head", "-n", "2"], in: "rows[y]" },
      },
      out: "head",
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "1,y\n1,y\n", stderr: "" });
  });

  it("go on for those who still read one", async () => {
    const { code, stdout, stderr } = await runFlow(runtime, {
      actors: {
        src: MANY,
        rows: { split: BY_SECOND, in: "src" },
        head: { run: ["head", "-n", "1"], in: "rows[k1]" },
        all: { run: ["wc", "-l"], in: "rows[k2]" },
      },
      out: ["head", "all"],
    });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "1,k1\n160000\n", stderr: "" });
  });

  // stdin ─▶ rows ─▶ [a], [b]; stdin ─▶ all
  it("come from standard input, of which others read all, with a database beside it", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          in: { stdin: true },
          rows: { split: BY_SECOND, in: "in" },
          a: { run: ["cat"], in: "rows[a]" },
          all: { run: ["wc", "-l"], in: "in" },
        },
        out: { "-": ["a", "rows[b]", "all"], "by/{key}": "rows" },
      },
    });
    const args = [join(folder, "flow.json"), "--db", join(folder, "run.db")];
    const { code, stdout, stderr } = await run(runtime, args, { stdin: "1,a\n2,b\n3,a\n" });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "1,a\n3,a\n2,b\n3\n", stderr: "" });
    const shown = await run(runtime, ["inspect", join(folder, "run.db"), "a"]);
    expect({ code: shown.code, stdout: shown.stdout }).toEqual({ code: 0, stdout: "1,a\n3,a\n" });
    const tree = await run(runtime, ["inspect", join(folder, "run.db"), "--run", "1"]);
    expect({ code: tree.code, stderr: tree.stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("end where a record is wrong, and nothing of them is put in place", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          src: { value: '1,"a"\n2,"b\n' },
          rows: { split: { key: 2, format: "csv" }, in: "src" },
          a: { run: ["cat"], in: "rows[a]" },
        },
        out: { "a.txt": "a" },
      },
    });
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot split by actor "rows": record 2 ("2,\\"b"): a quote is not closed');
    expect(existsSync(join(folder, "a.txt"))).toBe(false);
  });

  // src ─▶ rows ─▶ [k1] ─▶ workers, cached, again; in a flow that is used
  it("are read by workers, by what is cached or tried again, and through a port of a flow", async () => {
    const folder = makeFolder({
      "parts.json": {
        actors: {
          src: { input: "all" },
          rows: { split: BY_SECOND, in: "src" },
          rest: { run: ["cat"], in: "rows[k2]" },
        },
        ports: { one: "rows[k1]" },
        out: "rest",
      },
      "flow.json": {
        actors: {
          src: { sh: "seq 1 1000 | awk '{ print $1 \",k\" $1 % 5 }'" },
          parts: { use: "./parts.json", in: { all: "src" } },
          shared: { run: ["wc", "-l"], in: "parts.one", workers: { count: 2, block: "512B" } },
          sum: { sh: "paste -sd+ | bc", in: "shared" },
          cached: { sh: "echo once >> count; wc -l", in: "parts.one", cache: true },
          again: { sh: "wc -l; [ -e tried ] || { touch tried; exit 1; }", in: "parts.one", retry: 2 },
        },
        out: ["sum", "cached", "again", "parts"],
      },
    });
    const flow = join(folder, "flow.json");
    for (let time = 0; time < 2; time++) {
      const { code, stdout } = await run(runtime, [flow]);
      expect({ code, lines: stdout.split("\n").slice(0, 4) }).toEqual({
        code: 0,
        lines: ["200", "200", "200", "2,k2"],
      });
    }
    expect(readFileSync(join(folder, "count"), "utf8")).toBe("once\n");
  });
});
