/** Flows in flows, as a user runs them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, root, run, runtimes } from "./rig.ts";

/** Words that are not in a list; those that are go to a port. */
const WORDS = `{
  // A flow may be read by people.
  "params": { "case": { "default": "lower" } },
  "actors": {
    "text": { "stdin": true },
    "list": { "input": "list" },
    "words": { "run": ["sh", "words.sh", "{param.case}"], "in": "text" },
    "split": {
      "run": ["awk", "-f", "split.awk", "{in.list}", "-"],
      "in": { "stdin": "words", "list": "list" },
      "outputs": { "known": 3 },
    },
  },
  "ports": { "known": "split.known" },
  "out": "split",
}`;
const FILES = {
  "lib/words.json": WORDS,
  "lib/words.sh":
    'echo "$1 in $(basename "$PWD")" >&2; tr -cs A-Za-z "\\n" | if [ "$1" = lower ]; then tr A-Z a-z; else tr a-z A-Z; fi',
  "lib/split.awk":
    'NR == FNR { known[tolower($0)] = 1; next } tolower($0) in known { print > "/dev/fd/3"; next } { print }',
  "text.txt": "The cat and the dog\n",
};
const FLOW = {
  actors: {
    raw: { file: "text.txt" },
    known: { value: "the\nand\n" },
    clean: {
      use: "lib/words.json",
      in: { stdin: "raw", list: "known" },
      with: { case: "upper" },
      explain: "Words",
    },
    sorted: { run: ["sort"], in: "clean" },
  },
  out: { "-": "sorted", "known.txt": "clean.known" },
};

describe.each(runtimes)("flows in flows on $name", (runtime) => {
  const start = (flow: object = FLOW): string =>
    join(makeFolder({ ...FILES, "flow.json": flow }), "flow.json");

  it("run as one, with the folder, the parameters and the streams of each", async () => {
    const flow = start();
    const { code, stdout, stderr } = await run(runtime, [flow]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "CAT\nDOG\n",
      stderr: "clean/words │ upper in lib\n",
    });
    expect(readFileSync(join(flow, "../known.txt"), "utf8")).toBe("THE\nAND\nTHE\n");
  });

  it("are addressed whole and in part", async () => {
    const flow = start();
    const stdoutOf = async (...args: string[]): Promise<string> =>
      (await run(runtime, [flow, ...args])).stdout;
    expect(await stdoutOf("clean/words")).toBe("THE\nCAT\nAND\nTHE\nDOG\n");
    expect(await stdoutOf("clean")).toBe("CAT\nDOG\n");
    expect(await stdoutOf("--stop-after", "clean")).toBe("CAT\nDOG\n");
    expect(await stdoutOf("--stop-before", "clean/split")).toBe("THE\nCAT\nAND\nTHE\nDOG\n");
    const { code, stderr } = await run(runtime, [flow, "clean/wrds"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining(
        '(did you mean "clean/words"? actors: raw, known, clean/words, clean/split, sorted, clean)',
      ),
    });
  });

  it("run by themselves, with files for their inputs", async () => {
    const folder = makeFolder({ ...FILES, list: "cat\n" });
    const flow = join(folder, "lib/words.json");
    const { code, stdout } = await run(runtime, [flow, "--in", "list=list", "--in", "stdin=text.txt"], {
      cwd: folder,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "the\nand\nthe\ndog\n" });
    const piped = await run(runtime, [flow, "--in", "list=list"], { cwd: folder, stdin: "a cat\n" });
    expect(piped.stdout).toBe("a\n");
    const without = await run(runtime, [flow]);
    expect({ code: without.code, stderr: without.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("nothing is connected to it (give it with --in list=FILE"),
    });
    const bad = await run(runtime, [flow, "--in", "list"]);
    expect({ code: bad.code, stderr: bad.stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('Cannot give input "list": there is no "=" (expected --in NAME=FILE)'),
    });
  });

  it("tell by name what fails inside, and where it is used what cannot start", async () => {
    const folder = makeFolder({
      ...FILES,
      "lib/bad.json": { actors: { in: { stdin: true }, no: { run: ["cat", "nothing-there"], in: "in" } } },
      "lib/none.json": '{"actors": {\n  "no": {"run": ["no-such-program"]}}}',
      "flow.json": { actors: { v: { value: "" }, it: { use: "lib/bad.json", in: "v" } } },
      "other.json": { actors: { it: { use: "lib/none.json" } } },
    });
    const failed = await run(runtime, [join(folder, "flow.json"), "--json"]);
    expect({ code: failed.code, failures: JSON.parse(failed.stderr).failures }).toEqual({
      code: 1,
      failures: [expect.objectContaining({ kind: "exit", actor: "it/no", code: 1 })],
    });
    const { code, stderr } = await run(runtime, ["other.json"], { cwd: folder });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: [
        "lib/none.json:2:18  actors.no.run[0]",
        '  Cannot run "no-such-program": there is no such program in PATH (install it, or give its path)',
        '      2 |   "no": {"run": ["no-such-program"]}}}',
        "        |                  ^^^^^^^^^^^^^^^^^",
        "  used by other.json:1:12  actors.it",
        "1 issue; nothing was started",
        "",
      ].join("\n"),
    });
  });

  it("are captured, inspected, gone on with, and cached, over sets too", async () => {
    const folder = makeFolder({
      ...FILES,
      "lib/one.json": {
        params: { n: {} },
        actors: {
          in: { stdin: true },
          ran: {
            run: ["sh", "-c", 'echo "$0" >> ../ran; cat; echo "$0"', "{param.n}"],
            in: "in",
            cache: true,
          },
        },
      },
      "flow.json": {
        sets: { n: { values: ["x/1", "y"] } },
        actors: {
          v: { value: "v\n" },
          each: { each: "n", use: "lib/one.json", in: "v", with: { n: "{n}" } },
          all: { run: ["cat"], in: "each" },
        },
        out: { "-": "all", "{n.index}.txt": "each" },
      },
    });
    const [flow, db] = [join(folder, "flow.json"), join(folder, "run.db")];
    const first = await run(runtime, [flow, "--db", db]);
    expect({ code: first.code, stdout: first.stdout }).toEqual({ code: 0, stdout: "v\nx/1\nv\ny\n" });
    expect(readFileSync(join(folder, "1.txt"), "utf8")).toBe("v\ny\n");
    expect((await run(runtime, ["inspect", db, "each[x/1]/ran"])).stdout).toBe("v\nx/1\n");
    expect((await run(runtime, ["inspect", db, "--run", "1"])).stdout).toContain("each/ran ×2 [✓ built");
    const again = await run(runtime, [flow, "each"]);
    expect(again.stdout).toBe("v\nx/1\nv\ny\n");
    expect((await run(runtime, [flow, "--resume", "--db", db])).stdout).toBe("v\nx/1\nv\ny\n");
    expect(readFileSync(join(folder, "ran"), "utf8").split("\n").sort().join(" ").trim()).toBe("x/1 y");
  });

  it("may be over the records of a stream inside, and outside over what they write", async () => {
    const folder = makeFolder({
      "flow.json": {
        sets: { n: { stream: "up" } },
        actors: {
          v: { value: "a\nb\n" },
          up: { use: "up.json", in: "v" },
          each: { each: "n", run: ["echo", "<{n}>"] },
        },
        out: "each",
      },
      "up.json": {
        sets: { n: { stream: "in" } },
        actors: {
          in: { stdin: true },
          up: { each: "n", run: ["sh", "-c", "echo $0 | tr a-z A-Z", "{n}"] },
          twice: { each: "n", run: ["sed", "s/.*/&{n}/"], in: "up" },
        },
      },
    });
    const { code, stdout, stderr } = await run(runtime, [join(folder, "flow.json")]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "<Aa>\n<Bb>\n", stderr: "" });
  });

  it("give files to actors inside", async () => {
    const folder = makeFolder({
      "flow.json": { actors: { v: { value: "1\n2\n" }, f: { use: "as_file.json", in: "v" } } },
      "as_file.json": {
        actors: {
          in: { stdin: true },
          c: { run: ["wc", "-l", "{in.x}"], in: { x: { from: "in", as: "file" } } },
          d: { run: ["cut", "-d ", "-f1"], in: "c" },
        },
      },
    });
    expect((await run(runtime, [join(folder, "flow.json")])).stdout.trim()).toBe("2");
  });
});

describe("what is shown of flows in flows", () => {
  it("has their names in the tree and a frame in each picture", async () => {
    const flow = join(makeFolder({ ...FILES, "flow.json": FLOW }), "flow.json");
    const shown = async (...args: string[]): Promise<string> =>
      (await run(runtimes[0], [...args, flow])).stdout;
    expect(await shown("tree")).toContain(
      "│   ├── clean/split [⋯ not built]\n│   │   ├── clean/words [⋯ not built]\n",
    );
    const mermaid = (await shown("graph")).split("\n");
    const at = mermaid.findIndex((line) => line.includes("subgraph"));
    expect(mermaid.slice(at, at + 4)).toEqual([
      '  subgraph f0["clean<br/>Words"]',
      expect.stringContaining("<b>clean/words</b>"),
      expect.stringContaining("<b>clean/split</b>"),
      "  end",
    ]);
    expect(await shown("graph", "--format", "dot")).toMatch(
      /subgraph cluster_f0 \{\n.*<B>clean<\/B>.*Words.*\n.*clean\/words.*\n.*clean\/split.*\n {2}\}/,
    );
    expect(await shown("graph", "--format", "svg")).toContain('class="cluster"');
    expect(await shown("check")).toMatch(/clean\/words +→ clean\/split/);
  });

  it("is in the schema", () => {
    const schema = readFileSync(join(root, "flow.schema.json"), "utf8");
    for (const key of ['"use"', '"with"', '"input"', '"ports"']) expect(schema).toContain(key);
  });
});
