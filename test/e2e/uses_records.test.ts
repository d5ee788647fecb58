/** Flows that are used for each record of a stream, as a user runs them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, run, runtimes } from "./rig.ts";

/** What is read, and a text made of the record; `bad` fails for a record that is so called. */
const INNER = {
  params: { word: {} },
  actors: {
    text: { stdin: true },
    note: { value: "{param.word}:" },
    up: { run: ["tr", "a-z", "A-Z"], in: "text" },
    bad: {
      run: ["sh", "-c", 'cat "$2" -; [ "$1" != bad ]', "sh", "{param.word}", "{in.note}"],
      in: { stdin: "up", note: "note" },
    },
    count: { run: ["wc", "-c"], in: "up" },
  },
  ports: { count: "count" },
  out: { "-": "bad", "made/{param.word}.txt": "up" },
};
const FLOW = {
  sets: { w: { stream: "words" } },
  actors: {
    words: { run: ["printf", "one\\ntwo\\nthree\\n"] },
    raw: { value: "abc\n" },
    it: { each: "w", use: "lib/inner.json", in: "raw", with: { word: "{w}" } },
    named: { each: "w", run: ["sed", "s/^/{w} -> /"], in: "it" },
    all: { run: ["nl", "-ba", "-w1", "-s "], in: "named" },
  },
  out: { "-": "all", "counts/{w}": "it.count" },
};

function make(flow: object = FLOW, files: Readonly<Record<string, object | string>> = {}): string {
  return join(makeFolder({ "lib/inner.json": INNER, "flow.json": flow, ...files }), "flow.json");
}

describe.each(runtimes)("a flow for each record on $name", (runtime) => {
  // words ─▶ it[w] = ( note, raw ─▶ up ─▶ bad ; count ) ─▶ named[w] ─▶ all
  it("is a pipeline of each, with the folder, the files and the ports of its own", async () => {
    const flow = make();
    const { code, stdout, stderr } = await run(runtime, [flow, "--processes", "12"]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "1 one -> one:ABC\n2 two -> two:ABC\n3 three -> three:ABC\n",
      stderr: "",
    });
    const made = join(flow, "../lib/made");
    expect(readdirSync(made).sort().map((name) => [name, readFileSync(join(made, name), "utf8")])).toEqual(
      ["one", "three", "two"].map((name) => [`${name}.txt`, "ABC\n"]),
    );
    expect(readdirSync(join(flow, "../counts")).sort()).toEqual(["one", "three", "two"]);
  });

  it("is addressed by the record and the actor inside, in failures, events and logs", async () => {
    const flow = make({
      ...FLOW,
      actors: { ...FLOW.actors, words: { value: "one\nbad\ntwo\n" } },
      onFailure: "continue",
    });
    const folder = join(flow, "..");
    const { code, stdout, stderr } = await run(runtime, [
      flow,
      "--json",
      "--events",
      join(folder, "events"),
      "--db",
      join(folder, "run.db"),
    ]);
    const result = JSON.parse(stderr.slice(stderr.indexOf('{"')));
    expect({ code, stdout, failures: result.failures }).toEqual({
      code: 1,
      stdout: "1 one -> one:ABC\n2 two -> two:ABC\n",
      failures: [expect.objectContaining({ kind: "exit", actor: "it[bad]/bad", code: 1 })],
    });
    expect(result.actors["it/bad"]).toMatchObject({ state: "failed", members: { done: 2, failed: 1 } });
    expect(existsSync(join(folder, "lib/made/bad.txt"))).toBe(false);
    const events = readFileSync(join(folder, "events"), "utf8").trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    const started = events.filter(({ type }) => type === "actor-started").map(({ actor }) => actor);
    expect(started).toEqual(
      expect.arrayContaining(["it[one]/note", "it[bad]/up", "it[two]/count", "named[one]"]),
    );
    const inspected = await run(runtime, ["inspect", join(folder, "run.db"), "it"]);
    expect({ code: inspected.code, stderr: inspected.stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        /"it" in this run: it is a flow that is used \(streams of its actors: it\/note, it\/up/,
      ),
    });
    const one = await run(runtime, [flow, "it[one]"]);
    expect(one.stderr).toContain(
      'the members of set "w" come while the flow runs (expected "it", which is all of them)',
    );
    // Only the failed one is run again.
    writeFileSync(join(folder, "lib/inner.json"), JSON.stringify(INNER).replace("!= bad ", "!= no "));
    const again = await run(runtime, [flow, "--resume", "--db", join(folder, "run.db"), "--json"]);
    expect({ code: again.code, stdout: again.stdout }).toEqual({
      code: 0,
      stdout: "1 one -> one:ABC\n2 bad -> bad:ABC\n3 two -> two:ABC\n",
    });
  });

  it("may be over the keys of a split, beside another set, and inside of another flow", async () => {
    const inner = {
      params: { c: {}, p: { default: "" } },
      actors: {
        rows: { stdin: true },
        sum: { run: ["awk", "-F,", '{s += $2} END {print "{param.p}{param.c}", s}'], in: "rows" },
      },
    };
    const outer = {
      sets: { c: { keys: "by" }, p: { values: ["x", "y"] } },
      actors: {
        rows: { stdin: true },
        by: { split: { key: { column: 1, separator: "," } }, in: "rows" },
        sum: { each: "c", use: "sum.json", in: "by", with: { c: "{c}" } },
        two: { each: ["p", "c"], use: "sum.json", in: "by", with: { c: "{c}", p: "{p}" } },
      },
      out: ["sum", "two"],
    };
    const flow = make(
      { actors: { rows: { value: "a,1\nb,2\na,3\n" }, it: { use: "by.json", in: "rows" } } },
      {
        "sum.json": inner,
        "by.json": outer,
      },
    );
    const { code, stdout, stderr } = await run(runtime, [flow]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "a 4\nb 2\nxa 4\nxb 2\nya 4\nyb 2\n",
      stderr: "",
    });
  });

  it("takes from the cache what records have done before", async () => {
    const cached = { ...INNER, actors: { ...INNER.actors, up: { ...INNER.actors.up, cache: true } } };
    const flow = make(FLOW, { "lib/inner.json": cached });
    const cache = { env: { XDG_CACHE_HOME: join(flow, "../cache") } };
    const first = await run(runtime, [flow, "--json"], cache);
    const second = await run(runtime, [flow, "--json"], cache);
    expect([first, second].map(({ code, stdout, stderr }) => [
      code,
      stdout,
      JSON.parse(stderr.slice(stderr.indexOf('{"'))).actors["it/up"].members,
    ])).toEqual([
      [0, first.stdout, { done: 3, failed: 0, cached: 2 }],
      [0, first.stdout, { done: 3, failed: 0, cached: 3 }],
    ]);
  });

  it("tells a record that its parameters refuse, and what cannot be before anything runs", async () => {
    const flow = make(FLOW, {
      "lib/inner.json": { ...INNER, params: { word: { choices: ["one", "three"] } } },
    });
    const { code, stderr } = await run(runtime, [flow]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'Cannot set parameter "word": "two" is none of its choices (expected one of one, three)',
    );
    const bad = make({ ...FLOW, actors: { ...FLOW.actors, it: { ...FLOW.actors.it, retry: 1 } } });
    const refused = await run(runtime, [bad]);
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('"it" again as a whole: it is over the records of a stream'),
    });
  });
});
