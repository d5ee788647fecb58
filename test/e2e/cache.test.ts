/** Actors with `cache`: not run again when they would do the same, run when anything differs, and nothing half kept. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunResult } from "../../lib/core/result.ts";
import { query } from "./capture_rig.ts";
import { noting, place } from "./cache_rig.ts";
import { type Ended, runtimes, start, until } from "./rig.ts";

/** A value, a file and standard input, through cached actors and one that is not. */
const flow = {
  actors: {
    note: { value: "note\n" },
    words: { file: "words.txt" },
    keys: { stdin: true },
    live: { sh: noting("live", "tr a-z A-Z"), in: "keys" },
    joined: {
      sh: noting("joined", 'cat; wc -c < "$SLUICE_IN_WORDS" >&3'),
      in: { stdin: ["note", "live"], words: { from: "words", as: "file" } },
      outputs: { size: 3 },
      cache: true,
    },
    reversed: { sh: noting("reversed", "tac; echo reversed >&2"), in: "joined", cache: true },
    both: {
      sh: noting("both", 'cat - "$SLUICE_IN_SIZE"'),
      in: { stdin: ["reversed", "reversed.stderr"], size: "joined.size" },
      cache: true,
    },
    last: { sh: noting("last", "cat"), in: ["both", "joined"] },
  },
  out: "last",
};
const OUTPUT = "B\nA\nnote\nreversed\n5\nnote\nA\nB\n";
const WORDS = { "words.txt": "pear\n" };

describe.each(runtimes)("on $name", (runtime) => {
  it("what was cached is not run again, and everybody gets the same", async () => {
    const { go, ran } = place(runtime, flow, WORDS);
    const first = await go([], "a\nb\n");
    expect(first).toMatchObject({ code: 0, stdout: OUTPUT, stderr: "" });
    expect(ran()).toEqual(["both", "joined", "last", "live", "reversed"]);
    const second = await go(["--json"], "a\nb\n");
    expect(second).toMatchObject({ code: 0, stdout: OUTPUT });
    expect(ran()).toEqual(["last", "live"]);
    const { actors } = JSON.parse(second.stderr) as RunResult;
    expect(actors["both"]).toEqual({ state: "done", cached: true, bytesOut: 20 });
    // Nothing of it is taken, and it is kept anew.
    expect(await go(["--no-cache"], "a\nb\n")).toMatchObject({ code: 0, stdout: OUTPUT });
    expect(ran()).toEqual(["both", "joined", "last", "live", "reversed"]);
  });

  it("what is cached is captured as well, whether it was run or not", async () => {
    const { go, folder } = place(runtime, flow, WORDS);
    for (const name of ["first.db", "second.db"]) {
      const db = join(folder, name);
      expect(await go(["--db", db], "a\nb\n")).toMatchObject({ code: 0, stdout: OUTPUT });
      expect(await query(runtime, db, "SELECT key, value FROM Dict WHERE key > 'k'")).toEqual([
        ["note", "note\n"],
        ["words", "pear\n"],
        ["keys", "a\nb\n"],
        ["live", "A\nB\n"],
        ["reversed", "B\nA\nnote\n"],
        ["reversed.stderr", "reversed\n"],
        ["last", OUTPUT],
      ]);
      const whole = "SELECT name FROM streams WHERE is_complete ORDER BY name";
      expect((await query(runtime, db, whole)).flat()).toEqual(
        [
          "both",
          "joined",
          "joined.size",
          "keys",
          "last",
          "live",
          "note",
          "reversed",
          "reversed.stderr",
          "words",
        ],
      );
    }
  });

  it("another input, file, command, program or environment is run, and what follows only when it has changed", async () => {
    const script = "#!/bin/sh\necho tool >> ran; exec sed s/a/b/\n";
    const actors = {
      words: { file: "words.txt" },
      tool: { run: ["sh", "tool.sh"], in: "words", cache: true },
      first: { sh: noting("first", "head -n 1"), in: "tool", cache: true },
    };
    const { folder, go, ran } = place(runtime, { actors }, { "words.txt": "a\nx\n", "tool.sh": script });
    const set = async (changed: object): Promise<Ended> => {
      writeFileSync(join(folder, "flow.json"), JSON.stringify({ actors: { ...actors, ...changed } }));
      return await go();
    };
    expect(await go()).toMatchObject({ code: 0, stdout: "b\n" });
    expect(ran()).toEqual(["first", "tool"]);
    writeFileSync(join(folder, "words.txt"), "c\nx\n");
    expect(await go()).toMatchObject({ stdout: "c\n" });
    expect(ran()).toEqual(["first", "tool"]);
    // The same first as before, so that what follows is known.
    writeFileSync(join(folder, "tool.sh"), script.replace("s/a/b/", "s/q/r/"));
    expect(await go()).toMatchObject({ stdout: "c\n" });
    expect(ran()).toEqual(["tool"]);
    expect(await set({ tool: { ...actors.tool, env: { LEVEL: "2" } } })).toMatchObject({ stdout: "c\n" });
    expect(ran()).toEqual(["tool"]);
    expect(await set({ tool: { ...actors.tool, run: ["sh", "-e", "tool.sh"] } })).toMatchObject({ code: 0 });
    expect(ran()).toEqual(["tool"]);
    expect(await set({ tool: { ...actors.tool, run: ["dash", "tool.sh"] } })).toMatchObject({ code: 0 });
    expect(ran()).toEqual(["tool"]);
    // Back to what was there first: all is known.
    writeFileSync(join(folder, "words.txt"), "a\nx\n");
    writeFileSync(join(folder, "tool.sh"), script);
    expect(await set({})).toMatchObject({ stdout: "b\n" });
    expect(ran()).toEqual([]);
  });

  it("what a failed actor has written is neither kept nor given on", async () => {
    const actors = {
      half: { sh: noting("half", "echo half; [ -e ok ]"), cache: true },
      after: { sh: noting("after", "wc -c"), in: "half", cache: true },
    };
    const { folder, go, ran, cache } = place(runtime, { actors, onFailure: "continue" });
    expect(await go(["--quiet"])).toMatchObject({ code: 1, stdout: "0\n" });
    expect(ran()).toEqual(["after", "half"]);
    expect(readdirSync(join(cache, "runs"))).toEqual([]);
    writeFileSync(join(folder, "ok"), "");
    expect(await go()).toMatchObject({ code: 0, stdout: "5\n" });
    expect(ran()).toEqual(["after", "half"]);
    expect(await go()).toMatchObject({ code: 0, stdout: "5\n" });
    expect(ran()).toEqual([]);
  });

  it("an actor with tries is kept when one has ended well", async () => {
    const actors = {
      words: { value: "pear\n" },
      again: {
        sh: "cat; echo again >> ran; [ $(wc -l < ran) -ge 3 ]",
        in: ["words", "words"],
        retry: { max: 3, backoff: "1ms" },
        cache: true,
      },
    };
    const { go, ran } = place(runtime, { actors });
    expect(await go(["--quiet"])).toMatchObject({ code: 0, stdout: "pear\npear\n" });
    expect(await go()).toMatchObject({ code: 0, stdout: "pear\npear\n" });
    expect(ran()).toHaveLength(3);
    // It reads what it has written there, and somebody has removed it.
    expect(await go(["--quiet"])).toMatchObject({ code: 0, stdout: "pear\npear\n" });
    expect(ran()).toHaveLength(3);
  });

  it("a killed engine leaves a cache that works, and its files go with the next run", async () => {
    const actors = {
      first: { sh: noting("first", "seq 3"), cache: true },
      slow: { sh: noting("slow", "cat; [ -e ok ] || sleep 60"), in: "first", cache: true },
    };
    const { folder, go, ran, cache } = place(runtime, { actors });
    const started = start(runtime, [join(folder, "flow.json")], { env: { SLUICE_CACHE: cache } });
    await until(() =>
      existsSync(join(folder, "ran")) && readFileSync(join(folder, "ran"), "utf8").includes("slow")
    );
    started.child.kill("SIGKILL");
    await started.ended;
    expect(readdirSync(join(cache, "runs"))).toHaveLength(1);
    expect(ran()).toEqual(["first", "slow"]);
    writeFileSync(join(folder, "ok"), "");
    expect(await go(["--resume"])).toMatchObject({ code: 0, stdout: "1\n2\n3\n" });
    expect(ran()).toEqual(["slow"]);
    expect(readdirSync(join(cache, "runs"))).toEqual([]);
  });

  it("cache lists what is there, and trims what was not used for the longest time", async () => {
    const actors = {
      big: { sh: "head -c 100000 /dev/zero", cache: true },
      small: { sh: "head -c 1000 /dev/zero", cache: true },
    };
    const { go, sluice, cache } = place(runtime, {
      name: "sizes",
      actors,
      out: { "a.bin": "big", "b.bin": "small" },
    });
    expect(await sluice(["cache"])).toMatchObject({ code: 0, stdout: `0 entries, 0 B in ${cache}\n` });
    expect(await go()).toMatchObject({ code: 0 });
    const listed = (await sluice(["cache", "list"])).stdout.trimEnd().split("\n");
    expect(listed.map((line) => line.split("  ")[0]?.trim()).sort()).toEqual([
      `2 entries, 98.6 KiB in ${cache}`,
      "sizes/big",
      "sizes/small",
    ]);
    expect(await go(["small"])).toMatchObject({ code: 0 }); // Used last.
    expect(await sluice(["cache", "trim", "--max", "2kB", "--json"])).toMatchObject({
      stdout: '{"removed":1,"left":1,"bytes":1000}\n',
    });
    expect(readdirSync(join(cache, "objects")).flatMap((part) => readdirSync(join(cache, "objects", part))))
      .toHaveLength(1);
    expect(await sluice(["cache", "trim", "--unused", "1h", "--json"])).toMatchObject({
      stdout: '{"removed":0,"left":1,"bytes":1000}\n',
    });
    expect(await sluice(["cache", "clear"])).toMatchObject({
      stdout: `removed 1; left: 0 entries, 0 B in ${cache}\n`,
    });
  });

  it("what was removed under its entry, or cut off, is made again", async () => {
    const actors = { a: { sh: noting("a", "seq 3"), cache: true } };
    const { go, ran, cache } = place(runtime, { actors });
    await go();
    const [part = ""] = readdirSync(join(cache, "objects"));
    const [object = ""] = readdirSync(join(cache, "objects", part));
    writeFileSync(join(cache, "objects", part, object), "1\n");
    expect(ran()).toEqual(["a"]);
    expect(await go()).toMatchObject({ code: 0, stdout: "1\n2\n3\n" });
    expect(ran()).toEqual(["a"]);
    rmSync(join(cache, "objects", part, object));
    expect(await go()).toMatchObject({ code: 0, stdout: "1\n2\n3\n" });
    expect(ran()).toEqual(["a"]);
    expect(await go()).toMatchObject({ code: 0, stdout: "1\n2\n3\n" });
    expect(ran()).toEqual([]);
  });

  it("a cache that cannot be used is told before anything has started", async () => {
    const actors = { a: { sh: noting("a", "seq 3"), cache: true } };
    const { go, ran, cache } = place(runtime, { actors });
    writeFileSync(cache, "a file");
    const { code, stderr } = await go();
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`Cannot use the cache in "${cache}"`) as string,
    });
    rmSync(cache);
    mkdirSync(cache);
    writeFileSync(join(cache, "cache.db"), "no database, but long enough to be looked at as one".repeat(100));
    expect((await go()).stderr).toContain("file is not a database");
    expect(ran()).toEqual([]);
  });
});
