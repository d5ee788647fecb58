/** Actors over the records of a stream and other sets, and what a member reads of several of its own processes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { over } from "./numbers_rig.ts";
import { run, runtimes } from "./rig.ts";

const LEVELS = { level: { values: ["lo", "h i"] } };

/** With the other set beside the numbers. */
function overLevels(flow: { readonly actors: object; readonly [key: string]: unknown }): string {
  return over({ count: 3, more: LEVELS, ...flow });
}

describe.each(runtimes)("sets beside one of a stream on $name", (runtime) => {
  // raw[…] ─▶ count[…,lo] + count[…,h i] ─▶ best[…]; count ─▶ each level, and all; extra[lo] ─▶ count[…,lo]
  it("make an instance for each of their members and each record, which others gather", async () => {
    const flow = overLevels({
      actors: {
        raw: { each: "n", run: ["echo", "raw {n}"] },
        extra: { each: "level", value: "extra {level}\n" },
        count: {
          each: ["n", "level"],
          run: ["sh", "-c", 'echo "$1 $2"; cat - "$SLUICE_IN_X"', "sh", "{n}", "{level}"],
          in: { stdin: "raw", x: "extra" },
        },
        best: { each: "n", run: ["paste", "-sd,"], in: "count" },
        of: { each: "level", run: ["sh", "-c", 'echo "$1: $(grep -c .)"', "sh", "{level}"], in: "count" },
      },
      out: { "-": ["best", "of"], "all.txt": "count", "each/{n}-{level}.txt": "count" },
    });
    const file = (name: string): string => readFileSync(join(flow, "..", name), "utf8");
    const { code, stdout, stderr } = await run(runtime, [flow, "--processes", "4"]);
    const outputOf = (n: number, level: string): string => `${n} ${level}\nraw ${n}\nextra ${level}\n`;
    const numbers = [1, 2, 3];
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: numbers.map((n) => `${n} lo,raw ${n},extra lo,${n} h i,raw ${n},extra h i\n`).join("") +
        "lo: 9\nh i: 9\n",
      stderr: "",
    });
    expect(file("all.txt")).toBe(
      ["lo", "h i"].map((level) => numbers.map((n) => outputOf(n, level)).join("")).join(""),
    );
    expect(file("each/2-h i.txt")).toBe(outputOf(2, "h i"));
  });

  // a[…] + b[…] ─▶ c[…], as a whole and as lines, on stdin and another port
  it("put together what a member reads of several of its own", async () => {
    const flow = over({
      count: 2,
      actors: {
        a: { each: "n", run: ["printf", "a{n}"] },
        b: { each: "n", run: ["echo", "b{n}"] },
        c: { each: "n", run: ["cat", "-", "{in.x}"], in: { stdin: ["a", "b"], x: ["b", "a"] } },
        d: { each: "n", run: ["cat"], in: ["a", "b"], merge: "lines" },
      },
      out: { "-": ["c", "d"] },
    });
    expect(await run(runtime, [flow])).toMatchObject({
      code: 0,
      stdout: "a1b1\nb1\na1a2b2\nb2\na2a1\nb1\na2\nb2\n",
      stderr: "",
    });
  });

  // one[2,h i] fails: all of the member of 2 is left out
  it("fail by the names of the members of all sets", async () => {
    const flow = overLevels({
      actors: {
        one: {
          each: ["level", "n"],
          run: ["sh", "-c", 'echo "$1 $2"; [ "$1$2" != "2h i" ]', "sh", "{n}", "{level}"],
        },
      },
      onFailure: "continue",
    });
    const { code, stdout, stderr } = await run(runtime, [flow]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "1 lo\n3 lo\n1 h i\n3 h i\n" });
    expect(stderr).toContain("one[h i,2]");
  });
});
