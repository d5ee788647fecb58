/** An instance for each key of a split, as a user runs them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runFlow, runtimes, startCommand } from "./rig.ts";

const SETS = { country: { keys: "rows" } };
const CSV = { key: { column: "country" }, format: "csv" };
const HEAD = "n,country\n";
const ROWS = `${HEAD}1,NO\n2,SE\n3,"a/b, c"\n4,NO\n5,{}\n6,SE\n`;

describe.each(runtimes)("instances for the keys of a split on $name", (runtime) => {
  // src ─▶ rows ─▶ count[NO], count[SE], … ─▶ line[…] ─▶ out; rows ─▶ line[…].rows
  it("read the records of their own keys, in the order in which keys first come", async () => {
    const folder = makeFolder({
      "flow.json": {
        sets: SETS,
        actors: {
          src: { value: ROWS },
          rows: { split: CSV, in: "src" },
          count: { each: "country", sh: "sed 1d | wc -l", in: "rows" },
          line: {
            each: "country",
            run: [
              "sh",
              "-c",
              'echo "$1 $SLUICE_EACH_COUNTRY_INDEX: $(cat) of $(paste -sd" " "$2")"',
              "sh",
              "{country}",
              "{in.rows}",
            ],
            in: { stdin: "count", rows: "rows" },
          },
        },
        out: { "-": "line", "n/{country.index}.txt": "count", "by/{key.index}": "rows" },
      },
    });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: "",
      stdout:
        'NO 0: 2 of n,country 1,NO 4,NO\nSE 1: 2 of n,country 2,SE 6,SE\na/b, c 2: 1 of n,country 3,"a/b, c"\n' +
        "{} 3: 1 of n,country 5,{}\n",
    });
    expect(readdirSync(join(folder, "n")).sort()).toEqual(["0.txt", "1.txt", "2.txt", "3.txt"]);
    expect(readFileSync(join(folder, "by/1"), "utf8")).toBe(`${HEAD}2,SE\n6,SE\n`);
  });

  it("are none where there are no keys, and any number with few descriptors", async () => {
    const actors = {
      rows: { split: { key: { column: 2, separator: "," } }, in: "src" },
      sum: { each: "country", run: ["wc", "-l"], in: "rows" },
      total: { sh: "paste -sd+ | bc", in: "sum" },
    };
    const none = await runFlow(runtime, {
      sets: SETS,
      actors: { src: { value: "" }, ...actors },
      out: "total",
    });
    expect(none).toMatchObject({ code: 0, stderr: "" });
    const src = { sh: "seq 1 9000 | awk '{ print $1 \",k\" ($1 * 7919) % 300 }'" };
    const folder = makeFolder({ "flow.json": { sets: SETS, actors: { src, ...actors }, out: "total" } });
    const words = runtime.command.map((word) => `'${word}'`).join(" ");
    const script = `ulimit -n 256; exec ${words} '${join(folder, "flow.json")}' --processes 2`;
    expect(await startCommand(["sh", "-c", script]).ended).toMatchObject({
      code: 0,
      stdout: "9000\n",
      stderr: "",
    });
  });

  it("that fail fail the flow, or are left out", async () => {
    const flow = {
      sets: SETS,
      actors: {
        src: { value: ROWS },
        rows: { split: CSV, in: "src" },
        each: { each: "country", sh: '[ "$SLUICE_EACH_COUNTRY" != SE ] && tail -n 1', in: "rows" },
      },
      out: { "-": "each", "by/{country.index}": "each" },
    };
    const stopped = await runFlow(runtime, flow);
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain('Actor "each[SE]" failed: exit 1');
    const left = await runFlow(runtime, { ...flow, onFailure: "continue" });
    expect({ code: left.code, stdout: left.stdout }).toEqual({ code: 1, stdout: '4,NO\n3,"a/b, c"\n5,{}\n' });
  });

  it("are not made when a record is wrong", async () => {
    const folder = makeFolder({
      "flow.json": {
        sets: SETS,
        actors: {
          src: { value: `${HEAD}1,NO\n2,"SE\n` },
          rows: { split: CSV, in: "src" },
          each: { each: "country", sh: "touch made", in: "rows" },
        },
        out: "each",
      },
    });
    const { code, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot split by actor "rows": record 3');
    expect(existsSync(join(folder, "made"))).toBe(false);
  });

  it("are in a flow that is used, and are not run again by --resume when their records are the same", async () => {
    const folder = makeFolder({
      "rows.csv": ROWS,
      "sums.json": {
        sets: SETS,
        actors: {
          src: { input: "rows" },
          rows: { split: CSV, in: "src" },
          sum: { each: "country", sh: 'echo "$SLUICE_EACH_COUNTRY" >> ran; tail -n 1', in: "rows" },
        },
        out: "sum",
      },
      "flow.json": {
        actors: {
          src: { sh: "cat rows.csv" },
          sums: { use: "./sums.json", in: { rows: "src" } },
          check: { sh: "cat; [ -e good ]", in: "sums" },
        },
        out: "check",
      },
    });
    const args = [join(folder, "flow.json"), "--db", join(folder, "run.db")];
    const ran = (): string => readFileSync(join(folder, "ran"), "utf8").split("\n").sort().join(" ").trim();
    expect((await run(runtime, args)).code).toBe(1);
    expect(ran()).toBe("NO SE a/b, c {}");
    writeFileSync(join(folder, "good"), "");
    const again = await run(runtime, [...args, "--resume"]);
    expect({ code: again.code, stdout: again.stdout }).toEqual({
      code: 0,
      stdout: '4,NO\n6,SE\n3,"a/b, c"\n5,{}\n',
    });
    expect(ran()).toBe("NO SE a/b, c {}");
  });
});
