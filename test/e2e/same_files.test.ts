/** Files of `out` that have the bytes already that they would get, and streams of a split that hold nearly all of it. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, type Stats, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes } from "./rig.ts";

describe.each(runtimes)("files on $name", (runtime) => {
  it("with the same bytes stay the files that they are, as new as if they had been written", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: { a: { run: ["cat", "text"] }, b: { value: "b\n" } },
        out: { "new/x": "a", same: "a", other: "b", longer: "b" },
      },
      text: "one\n",
      same: "one\n",
      other: "B\n",
      longer: "b\nc\n",
    });
    const names = ["same", "other", "longer"];
    for (const name of names) utimesSync(join(folder, name), 1, 1);
    mkdirSync(join(folder, "new"));
    const statsOf = (): readonly Stats[] => names.map((name) => statSync(join(folder, name)));
    const before = statsOf();
    const { code } = await run(runtime, [join(folder, "flow.json")]);
    const after = statsOf();
    expect({ code, isSame: after.map(({ ino }, at) => ino === before[at]?.ino) }).toEqual({
      code: 0,
      isSame: [true, false, false],
    });
    expect(after.every(({ mtimeMs }) => mtimeMs > 2000)).toBe(true);
    expect(["new/x", ...names].map((name) => readFileSync(join(folder, name), "utf8")))
      .toEqual(["one\n", "one\n", "b\n", "b\n"]);
  });

  // More than a split holds in memory, for one of its keys: seq ─▶ by ─▶ by[a] (a file, a reader, a member), by[b], …
  it("of one key may hold nearly all that is split", async () => {
    const script = 'NR % 100000 == 0 { print "b" NR "," NR } { printf "a,%d%90s\\n", $1, "" }';
    const folder = makeFolder({
      "flow.json": {
        sets: { k: { keys: "by" } },
        actors: {
          rows: { run: ["sh", "-c", `seq 500000 | awk '${script}'`] },
          by: { split: { key: { column: 1, separator: "," } }, in: "rows" },
          a: { run: ["sha256sum"], in: "by[a]" },
          each: { each: "k", run: ["sh", "-c", 'echo "$1 $(sha256sum)"', "sh", "{k}"], in: "by" },
        },
        out: { "-": ["a", "each"], "by/{key}.txt": "by" },
      },
    });
    const { code, stdout } = await run(runtime, [join(folder, "flow.json")]);
    const rows = Array.from({ length: 500_000 }, (_, at) => `a,${at + 1}${" ".repeat(90)}\n`).join("");
    const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
    const others = [1, 2, 3, 4, 5].map((n) => `b${n}00000`);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        `${hash(rows)}  -`,
        `a ${hash(rows)}  -`,
        ...others.map((key) => `${key} ${hash(`${key},${key.slice(1)}\n`)}  -`),
        "",
      ].join("\n"),
    });
    expect(hash(readFileSync(join(folder, "by/a.txt"), "utf8"))).toBe(hash(rows));
  });
});
