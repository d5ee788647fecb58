/** Several processes for the lines of one stdin: the result is that of one process, whatever is cut where. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../lib/core/event.ts";
import { makeFolder, run, runFlow, runtimes } from "./rig.ts";

const LINES = 200_000;
const source = { run: ["seq", String(LINES)] };

function linesOf(text: string): readonly string[] {
  return text.split("\n").slice(0, -1);
}

describe.each(runtimes)("on $name", (runtime) => {
  it("workers read what other workers write", async () => {
    const actors = {
      numbers: { run: ["seq", "100000"] },
      one: { run: ["cat"], in: "numbers", workers: 2, retry: 1 },
      two: { run: ["cat"], in: "one", workers: { count: 3, block: "64KiB" } },
      three: { run: ["cat"], in: "two", workers: { count: 2, by: "key", key: 1, order: "any" } },
      x: { value: "x" },
      four: { run: ["cat"], in: "x", workers: 2 },
      five: { run: ["cat"], in: "four", workers: 2 },
      sum: { sh: "sort -n | cksum", in: ["three", "five"] },
    };
    const expected = execFileSync("sh", ["-c", "(seq 100000; printf x) | sort -n | cksum"], {
      encoding: "utf8",
    });
    expect(await runFlow(runtime, { actors })).toMatchObject({ code: 0, stdout: expected, stderr: "" });
  });

  it.each([
    ["nothing", ""],
    ["one line without a break", "x"],
    ["only breaks", "\n\n\n"],
    ["no break at the end", "a\nb\nc"],
    [
      "lines of all lengths",
      Array.from({ length: 400 }, (_, at) => "y".repeat((at * at * 7) % 20_000)).join("\n"),
    ],
    ["one very long line among short ones", `a\n${"z".repeat(5_000_000)}\nb\nc`],
  ])("keep the order of the input: %s", async (_, text) => {
    const folder = makeFolder({
      input: text,
      "flow.json": {
        actors: { in: { file: "input" }, copy: { run: ["cat"], in: "in", workers: 3 } },
        out: { output: "copy" },
      },
    });
    expect((await run(runtime, [join(folder, "flow.json")])).code).toBe(0);
    expect(readFileSync(join(folder, "output"), "utf8")).toBe(text);
  });

  it("a fan-out, extra outputs and a join behind them get the same as from one process", async () => {
    const script = 'tee /dev/fd/3 | sed "s/^/x/"';
    const flow = (workers: number): object => ({
      actors: {
        source,
        work: { sh: script, in: "source", workers, outputs: { more: 3 } },
        sum: { run: ["cksum"], in: "work" },
        all: { run: ["cksum"], in: ["work", "work.more", "source"] },
      },
      out: ["sum", "all"],
    });
    const [one, three] = await Promise.all([runFlow(runtime, flow(1)), runFlow(runtime, flow(3))]);
    expect(one.code).toBe(0);
    expect(three).toEqual(one);
  });

  it("run as many at a time as they may, and their blocks grow", async () => {
    const folder = makeFolder({
      "flow.json": {
        actors: {
          source,
          copy: { run: ["cat"], in: "source", workers: 2 },
          end: { run: ["wc", "-l"], in: "copy" },
        },
      },
    });
    const events = join(folder, "events");
    const { code, stdout } = await run(runtime, [join(folder, "flow.json"), "--events", events]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${LINES}\n` });
    // The engine wrote them.
    const told = readFileSync(events, "utf8").trim().split("\n").map((line) => JSON.parse(line) as RunEvent);
    let live = 0;
    let most = 0;
    let started = 0;
    for (const event of told) {
      if (event.type === "actor-started" && event.actor === "copy") {
        expect([1, 2]).toContain(event.worker);
        live += 1;
        started += 1;
      }
      if (event.type === "worker-ended") live -= 1;
      most = Math.max(most, live);
    }
    expect(most).toBeLessThanOrEqual(2);
    expect(started).toBeGreaterThan(2);
    expect(started).toBeLessThan(200);
  });

  it("lines go by key: the same key to the same process, in order", async () => {
    const input = Array.from(
      { length: 5000 },
      (_, at) => `${JSON.stringify({ user: { id: at % 11 }, at })}\n`,
    ).join("");
    const work = { sh: 'while read -r line; do echo "$SLUICE_WORKER $line"; done', in: "in" };
    for (const order of [undefined, "any"]) {
      const workers = { count: 3, by: "key", key: "/user/id", ...(order === undefined ? {} : { order }) };
      const { code, stdout } = await runFlow(runtime, {
        actors: { in: { value: input }, work: { ...work, workers } },
      });
      expect(code).toBe(0);
      const seen = new Map<number, { worker: string; last: number }>();
      for (const line of linesOf(stdout)) {
        const worker = line.slice(0, 1);
        // What the input was made of.
        const { user, at } = JSON.parse(line.slice(2)) as { user: { id: number }; at: number };
        const known = seen.get(user.id);
        if (known !== undefined) expect(known.worker).toBe(worker);
        expect(at).toBeGreaterThan(known?.last ?? -1);
        seen.set(user.id, { worker, last: at });
      }
      expect(linesOf(stdout).length).toBe(5000);
      expect(new Set([...seen.values()].map(({ worker }) => worker)).size).toBe(3);
    }
  });

  it("lines go by key: a last line without a line break is no part of another one", async () => {
    const words = ["kiwi", "fig", "plum", "lime", "date", "sloe"];
    const copies = words.flatMap((last) => {
      const value = [...words.filter((word) => word !== last), last].join("\n");
      const copy = { run: ["cat"], in: last, workers: { count: 3, by: "key", key: 1 } };
      return [[last, { value }], [`${last}-copy`, copy]] as const;
    });
    const out = Object.fromEntries(words.map((word) => [word, `${word}-copy`]));
    const folder = makeFolder({ "flow.json": { actors: Object.fromEntries(copies), out } });
    expect(await run(runtime, [join(folder, "flow.json")])).toMatchObject({ code: 0, stderr: "" });
    for (const word of words) {
      expect(linesOf(readFileSync(join(folder, word), "utf8")).toSorted()).toEqual(words.toSorted());
    }
  });

  it("columns and patterns are keys too; each process sees the end of its input", async () => {
    for (const key of [2, { column: 2, separator: " " }, { pattern: " (\\w+)" }]) {
      const { code, stdout } = await runFlow(runtime, {
        actors: {
          in: { sh: 'for i in 1 2 3 4 5 6; do echo "$i a"; echo "$i b"; echo "$i c"; done' },
          count: {
            run: ["awk", "{ n[$2]++ } END { for (k in n) print k, n[k] }"],
            in: "in",
            workers: { count: 2, key, order: "any" },
          },
          sorted: { run: ["sort"], in: "count" },
        },
      });
      expect({ code, stdout }).toEqual({ code: 0, stdout: "a 6\nb 6\nc 6\n" });
    }
  });

  it("as it comes: whole lines of everybody, long ones too, and all of them", async () => {
    const script = 'awk \'{ print; if ($1 == 7) { for (i = 0; i < 700000; i++) printf "z"; print "" } }\'';
    const { code, stdout } = await runFlow(runtime, {
      actors: {
        source,
        work: { sh: script, in: "source", workers: { count: 3, order: "any" } },
        sorted: { sh: "sort -n | cksum", in: "work" },
      },
    });
    const expected = await runFlow(runtime, {
      actors: { source, work: { sh: script, in: "source" }, sorted: { sh: "sort -n | cksum", in: "work" } },
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expected.stdout });
  });

  it("each gets the header", async () => {
    const work = { sh: 'read -r head; while read -r line; do echo "$head:$line"; done', in: "in" };
    const { code, stdout } = await runFlow(runtime, {
      actors: {
        in: { sh: "echo name; seq 1000" },
        work: { ...work, workers: { count: 3, header: 1, block: "100B" } },
        wrong: { sh: "grep -vc '^name:[0-9][0-9]*$' || true", in: "work" },
        lines: { run: ["wc", "-l"], in: "work" },
      },
      out: ["wrong", "lines"],
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "0\n1000\n" });
  });

  it("a diamond through them ends", async () => {
    const { code, stdout } = await runFlow(runtime, {
      actors: {
        src: { run: ["seq", "1500000"] },
        work: { run: ["cat"], in: "src", workers: 2 },
        other: { run: ["cat"], in: "src" },
        lines: { run: ["wc", "-l"], in: ["work", "other"] },
        enil: { run: ["wc", "-l"], in: ["other", "work"] },
      },
      out: ["lines", "enil"],
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "3000000\n3000000\n" });
  });

  it("tells what is wrong with them", async () => {
    const bad = [0, "2", {}, { count: 2, by: "key" }, { count: 2, by: "round-robin", key: 1 }, {
      count: 2,
      key: "user",
    }];
    const actors = Object.fromEntries(
      bad.map((workers, at) => [`a${at}`, { run: ["cat"], in: "s", workers }]),
    );
    const { code, stderr } = await runFlow(runtime, {
      actors: {
        s: { value: "x", workers: 2 },
        ...actors,
        b: { run: ["cat"], workers: 2 },
        c: { run: ["cat"], in: { stdin: "s", left: "s" }, workers: 2 },
        d: {
          run: ["cat"],
          in: "s",
          workers: { count: 2, key: { pattern: "(" }, block: "1B", order: "input" },
        },
      },
    });
    expect(code).toBe(2);
    const messages = linesOf(stderr).filter((line) => line.startsWith("  Cannot")).map((line) => line.trim());
    expect(messages).toEqual([
      'Cannot use "workers" on actor "s": only a process (run, sh) has workers',
      'Cannot read "workers": it is the number 0 (expected a number of workers from 1 to 1024)',
      'Cannot read "workers": it is the string "2" (expected a number of workers from 1 to 1024, or an object such as {"count": 4, "by": "key", "key": "/user"})',
      'Cannot read "workers": it has no key "count" (expected a number of workers from 1 to 1024, or an object such as {"count": 4, "by": "key", "key": "/user"})',
      'Cannot spread by "key": there is no key (expected a "key" such as "/user" or 2)',
      'Cannot use "key": lines go round-robin (expected "by": "key")',
      'Cannot read "key": it is the string "user" (expected a JSON pointer such as "/user", the number of a column, {"column": 2, "separator": ","} or {"pattern": "^(\\w+)"})',
      'Cannot give actor "b" workers: they share the lines of stdin, which it does not read (expected an input "stdin")',
      'Cannot give input "left" to the workers of actor "c": each of them reads it whole (expected {"from": …, "as": "file"})',
      expect.stringMatching(/^Cannot read "pattern": Invalid regular expression/),
      'Cannot use "block": lines are spread by key (expected it with round-robin only)',
      'Cannot keep the order of the input: lines are spread by key (expected "any", or none)',
    ]);
  });
});
