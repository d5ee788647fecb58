/** Members of streams with `cache`: each is looked up by itself, and only what has changed is run again. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunResult } from "../../lib/core/result.ts";
import { place } from "./cache_rig.ts";
import { runtimes } from "./rig.ts";

const each = (script: string, more: object = {}): object => ({
  each: "n",
  run: ["sh", "-c", script, "sh", "{n}"],
  ...more,
});
const cached = { cache: true, reads: [] };
const flowOf = (actors: object, more: object = {}): object => ({
  sets: { n: { stream: "list" } },
  actors: { list: { run: ["cat", "list"] }, ...actors },
  ...more,
});
const LIST = { list: "1\n2\n3\n" };

describe.each(runtimes)("cached members of a stream on $name", (runtime) => {
  // word ─▶ a[…] ─▶ b[…] ─▶ c[…] ─▶ out; b ─▶ a file for each, and all of them
  it("are run once, wherever what they write goes", async () => {
    const flow = flowOf({
      word: { value: "word\n" },
      a: each('echo "a$1" >> ran; echo "$1"; cat; echo said >&2', { in: "word", ...cached }),
      b: each('echo "b$1" >> ran; tr a-z A-Z; echo more >&3', { in: "a", outputs: { more: 3 }, ...cached }),
      c: each('cat - "$SLUICE_IN_MORE"', { in: { stdin: "b", more: "b.more" } }),
    }, { out: { "-": "c", "each/{n}.txt": "b", "all.txt": "a", "said.txt": "a.stderr" } });
    const { go, ran, folder } = place(runtime, flow, LIST);
    const file = (name: string): string => readFileSync(join(folder, name), "utf8");
    const outputOf = (n: number): string => `${n}\nWORD\nmore\n`;
    const stdout = [1, 2, 3].map(outputOf).join("");
    expect(await go()).toMatchObject({ code: 0, stdout, stderr: "" });
    expect(ran()).toEqual(["a1", "a2", "a3", "b1", "b2", "b3"]);
    writeFileSync(join(folder, "list"), "0\n3\n1\n");
    const second = await go(["--json"]);
    expect(second).toMatchObject({ code: 0, stdout: [0, 3, 1].map(outputOf).join("") });
    expect(ran()).toEqual(["a0", "b0"]);
    const { actors } = JSON.parse(second.stderr) as RunResult;
    expect(actors["b"]).toMatchObject({
      state: "done",
      processes: 1,
      members: { done: 3, failed: 0, cached: 2 },
    });
    expect([file("each/0.txt"), file("each/3.txt"), file("each/1.txt")])
      .toEqual(["0\nWORD\n", "3\nWORD\n", "1\nWORD\n"]);
    expect([file("all.txt"), file("said.txt")]).toEqual([
      "0\nword\n3\nword\n1\nword\n",
      "said\nsaid\nsaid\n",
    ]);
    expect(await go(["--no-cache"])).toMatchObject({ code: 0 });
    expect(ran()).toEqual(["a0", "a1", "a3", "b0", "b1", "b3"]);
  });

  // a[…] reads a file of its own, which it is seen to read
  it("are run again when a file that they read has changed", async () => {
    const flow = flowOf({ a: each('echo "a$1" >> ran; cat "$1.txt"', { cache: true }) });
    const { go, ran, folder } = place(runtime, flow, { ...LIST, "1.txt": "x", "2.txt": "y", "3.txt": "z" });
    expect(await go()).toMatchObject({ code: 0, stdout: "xyz", stderr: "" });
    expect(ran()).toEqual(["a1", "a2", "a3"]);
    writeFileSync(join(folder, "2.txt"), "changed");
    expect(await go()).toMatchObject({ code: 0, stdout: "xchangedz", stderr: "" });
    expect(ran()).toEqual(["a2"]);
  });

  // a[2] fails in its first try, a[3] in each
  it("are kept when they have ended well, and only then", async () => {
    const script =
      'echo "a$1" >> ran; echo "out $1"; case $1 in 2) [ -e tried ] || { : > tried; exit 1; };; 3) [ -e ok ];; esac';
    const flow = flowOf({ a: each(script, { retry: { max: 1, backoff: "1ms" }, ...cached }) }, {
      onFailure: "continue",
    });
    const { go, ran, folder } = place(runtime, flow, LIST);
    expect(await go()).toMatchObject({ code: 1, stdout: "out 1\nout 2\n" });
    expect(ran()).toEqual(["a1", "a2", "a2", "a3", "a3"]);
    writeFileSync(join(folder, "ok"), "");
    expect(await go()).toMatchObject({ code: 0, stdout: "out 1\nout 2\nout 3\n", stderr: "" });
    expect(ran()).toEqual(["a3"]);
  });

  // with a database, too: what is found goes into the journal like what was run
  it("are gone on with when a run is resumed", async () => {
    const flow = flowOf({
      a: each('echo "a$1" >> ran; echo "$1"', cached),
      b: each('echo "b$1" >> ran; cat; [ "$1" != 3 ] || [ -e ok ]', { in: "a" }),
    }, { out: { "-": ["b", "a"] } });
    const { go, ran, folder } = place(runtime, flow, LIST);
    const args = ["--db", join(folder, "run.db"), "--processes", "1"];
    expect((await go()).code).toBe(1);
    expect(ran()).toEqual(["a1", "a2", "a3", "b1", "b2", "b3"]);
    expect((await go(args)).code).toBe(1);
    expect(ran()).toEqual(["b1", "b2", "b3"]);
    writeFileSync(join(folder, "ok"), "");
    expect(await go([...args, "--resume"])).toMatchObject({
      code: 0,
      stdout: "1\n2\n3\n1\n2\n3\n",
      stderr: "",
    });
    expect(ran()).toEqual(["b3"]);
  });

  // rows ─▶ a[…]: each reads the records of its own key
  it("of keys are run again when their own records have changed", async () => {
    const flow = {
      sets: { k: { keys: "rows" } },
      actors: {
        list: { file: "list" },
        rows: { split: { key: 1 }, in: "list" },
        a: {
          each: "k",
          run: ["sh", "-c", 'echo "a$1" >> ran; cat', "sh", "{k}"],
          in: "rows",
          ...cached,
        },
      },
    };
    const { go, ran, folder } = place(runtime, flow, { list: "x 1\ny 1\nx 2\n" });
    expect(await go()).toMatchObject({ code: 0, stdout: "x 1\nx 2\ny 1\n", stderr: "" });
    expect(ran()).toEqual(["ax", "ay"]);
    writeFileSync(join(folder, "list"), "x 1\ny 2\nx 2\n");
    expect(await go()).toMatchObject({ code: 0, stdout: "x 1\nx 2\ny 2\n", stderr: "" });
    expect(ran()).toEqual(["ay"]);
  });
});
