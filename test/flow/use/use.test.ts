/** Flows in flows: what becomes of them, and what is told of their mistakes. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type Flow, streamName } from "../../../lib/core/flow.ts";
import { flow as build } from "../../../lib/flow/builder.ts";
import { loadFlow, type LoadOptions } from "../../../lib/flow/load_flow.ts";
import { pathText } from "../../../lib/flow/read/json_path.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Text in, those words out that are not in `stop`; `rest` are the others. */
const CLEAN = {
  params: { lang: { default: "en" } },
  actors: {
    text: { stdin: true },
    stop: { input: "stop" },
    words: { run: ["./split", "{param.lang}"], in: "text", env: { INNER: "1" } },
    filter: {
      run: ["grep", "-vxFf", "{in.stop}"],
      in: { stdin: "words", stop: "stop" },
      outputs: { rest: 3 },
    },
  },
  ports: { rest: "filter.rest", same: "text" },
  out: "filter",
};
const USE = { use: "./inner/clean.json", in: { stdin: "raw", stop: "stops" } };
const SOURCES = { raw: { value: "a" }, stops: { file: "stops" } };

function write(files: Readonly<Record<string, object | string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-"));
  folders.push(folder);
  for (const [name, content] of Object.entries({ "inner/clean.json": CLEAN, ...files })) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

async function load(
  outer: object,
  { files = {}, ...options }: LoadOptions & { readonly files?: Readonly<Record<string, object | string>> } =
    {},
): Promise<{ readonly folder: string; readonly flow: Flow }> {
  const folder = write({ ...files, "flow.json": outer });
  const loaded = await loadFlow(join(folder, "flow.json"), options);
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join("\n"));
  return { folder, flow: loaded.flow };
}

/** Each issue with its file, and where that is used. */
async function issuesOf(
  files: Readonly<Record<string, object | string>>,
  name = "flow.json",
): Promise<string[]> {
  const folder = write(files);
  const loaded = await loadFlow(join(folder, name));
  if (loaded.ok) return [];
  const inFolder = (file = ""): string => file.slice(file.lastIndexOf("/") + 1);
  return loaded.issues.map(({ file, path, message, usedAt = [] }) => {
    const by = usedAt.map((use) => ` < ${inFolder(use.file)}:${use.line} ${pathText(use.path)}`).join("");
    return `${inFolder(file)} ${pathText(path)}: ${message.replaceAll(folder, "")}${by}`;
  });
}

function reads({ actors }: Flow): string[] {
  return [...actors.values()].flatMap(({ name, inputs }) =>
    inputs.map((input) => `${name}.${input.name} < ${input.streams.map(streamName).join(" ")}`)
  );
}

describe("a flow that uses another one", () => {
  test("has its actors by longer names, reads their streams, and gives them its own", async () => {
    const { flow } = await load({
      actors: { ...SOURCES, clean: USE, all: { run: ["cat"], in: ["clean", "clean.rest", "clean.same"] } },
      aliases: { x: ["clean"] },
    });
    expect([...flow.actors.keys()]).toEqual(["raw", "stops", "clean/words", "clean/filter", "all"]);
    expect(reads(flow)).toEqual([
      "clean/words.stdin < raw",
      "clean/filter.stdin < clean/words",
      "clean/filter.stop < stops",
      "all.stdin < clean/filter clean/filter.rest raw",
    ]);
    expect(flow.aliases.get("x")?.map(streamName)).toEqual(["clean/filter"]);
    expect([...flow.uses].map(([name, { streams }]) => [name, streams.map(streamName)])).toEqual([
      ["clean", ["clean/filter"]],
    ]);
  });

  test("gives it parameters and environment, and starts its paths at its own folder", async () => {
    const { folder, flow } = await load({
      params: { l: { default: "de" } },
      env: { OUTER: "2", INNER: "2" },
      actors: { ...SOURCES, clean: { ...USE, with: { lang: "{param.l}-AT" } } },
    });
    const words = flow.actors.get("clean/words");
    expect({ source: words?.source, env: words?.env, cwd: words?.cwd }).toEqual({
      source: { kind: "run", argv: [join(folder, "inner/split"), "de-AT"] },
      env: { OUTER: "2", INNER: "1", SLUICE_PARAM_LANG: "de-AT" },
      cwd: join(folder, "inner"),
    });
  });

  test("uses it once for each member of a set", async () => {
    const { flow } = await load({
      sets: { l: { values: ["en", "a/b"] } },
      actors: {
        ...SOURCES,
        clean: { ...USE, each: "l", with: { lang: "{l}" } },
        one: { each: "l", run: ["cat"], in: "clean" },
        all: { run: ["cat"], in: "clean" },
      },
      out: { "-": "all", "{l.index}.txt": "clean" },
    });
    expect(reads(flow).slice(-3)).toEqual([
      "one[en].stdin < clean[en]/filter",
      "one[a/b].stdin < clean[a/b]/filter",
      "all.stdin < clean[en]/filter clean[a/b]/filter",
    ]);
    expect([...flow.groups]).toEqual([
      ["one", ["one[en]", "one[a/b]"]],
      ["clean/words", ["clean[en]/words", "clean[a/b]/words"]],
      ["clean/filter", ["clean[en]/filter", "clean[a/b]/filter"]],
    ]);
    expect([...flow.uses.keys()]).toEqual(["clean[en]", "clean[a/b]", "clean"]);
    expect(flow.outputs.slice(1).map(({ streams }) => streams.map(streamName))).toEqual([
      ["clean[en]/filter"],
      ["clean[a/b]/filter"],
    ]);
  });

  test("may be used itself, with sets of its own, and pass on what it is given", async () => {
    const { flow } = await load({
      actors: { v: { value: "x" }, a: { use: "mid.json", in: "v" }, b: { run: ["cat"], in: "a" } },
    }, {
      files: {
        "mid.json": {
          sets: { n: { range: [1, 2] } },
          actors: {
            i: { stdin: true },
            in: { each: "n", use: "in.json", in: "i" },
            thru: { use: "thru.json", in: "in" },
          },
        },
        "in.json": { actors: { i: { stdin: true }, c: { run: ["cat"], in: "i" } } },
        "thru.json": { actors: { i: { stdin: true } } },
      },
    });
    expect(reads(flow)).toEqual([
      "a/in[1]/c.stdin < v",
      "a/in[2]/c.stdin < v",
      "b.stdin < a/in[1]/c a/in[2]/c",
    ]);
    expect([...flow.uses.keys()]).toEqual(["a", "a/in[1]", "a/in[2]", "a/thru", "a/in"]);
  });

  test("is no cycle where only its box would be in one", async () => {
    const { flow } = await load({
      actors: {
        v: { value: "x" },
        a: { use: "two.json", in: { stdin: "v", b: "c" } },
        c: { run: ["cat"], in: "a.x" },
      },
      out: "a",
    }, { files: { "two.json": TWO } });
    expect(reads(flow)).toEqual(["a/x.stdin < v", "a/y.stdin < c", "c.stdin < a/x"]);
  });

  test("writes the files that it writes", async () => {
    const { folder, flow } = await load({ actors: { a: { use: "inner/file.json" } } }, {
      files: { "inner/file.json": { actors: { v: { value: "x" } }, out: { "-": "v", "sub/x.txt": "v" } } },
    });
    expect(flow.outputs.map(({ target, streams }) => `${target} < ${streams.map(streamName).join(" ")}`))
      .toEqual([
        "- < a/v",
        `${join(folder, "inner/sub/x.txt")} < a/v`,
      ]);
  });

  test("is built as well", () => {
    const folder = write({});
    const flow = build({ actors: { ...SOURCES, clean: USE } }, { folder });
    expect([...flow.actors.keys()]).toEqual(["raw", "stops", "clean/words", "clean/filter"]);
    expect(() => build({ actors: { clean: USE } }, { folder })).toThrow('there is no actor or alias "raw"');
  });

  test("runs by itself with files for its inputs", async () => {
    const { flow } = await load(CLEAN, { inputs: { stop: "/stops", stdin: "/text" } });
    expect([flow.actors.get("stop")?.source, flow.actors.get("text")?.source]).toEqual([
      { kind: "file", path: "/stops" },
      { kind: "file", path: "/text" },
    ]);
    const piped = await load({ ...CLEAN, actors: { ...CLEAN.actors, text: { value: "" } } }, {
      inputs: { stop: "-" },
    });
    expect(piped.flow.actors.get("stop")?.source).toEqual({ kind: "stdin" });
  });
});

const TWO = {
  actors: {
    i: { stdin: true },
    b: { input: "b" },
    x: { run: ["cat"], in: "i" },
    y: { run: ["cat"], in: "b" },
  },
  ports: { x: "x" },
  out: "y",
};

describe("mistakes are told with the place of use", () => {
  test("in the flow that is used, and in one that this uses", async () => {
    const bad = '{\n "params": {"lang": {}},\n "actors": {"c": {"run": ["cat"], "in": "nix"}}}';
    const issues = await issuesOf({
      "flow.json": { actors: { a: { use: "mid.json" } } },
      "mid.json": { actors: { b: { use: "bad.json" } } },
      "bad.json": bad,
    });
    const by = " < mid.json:1 actors.b < flow.json:1 actors.a";
    expect(issues).toEqual([
      `bad.json params.lang: Cannot fill parameter "lang": it has no value (give it with "with": {"lang": …})${by}`,
      `bad.json actors.c.in: Cannot connect "nix": there is no actor or alias "nix" (expected one of c)${by}`,
    ]);
  });

  test("where it is no JSON, or not there", async () => {
    const issues = await issuesOf({
      "flow.json": {
        actors: {
          a: { use: "bad.json" },
          b: { use: "no.json" },
          c: { use: "sluice:no" },
          d: { use: "inner" },
        },
      },
      "bad.json": '{"actors": [}',
    });
    expect(issues).toEqual([
      "bad.json : Cannot read the flow: a value is missing here (expected a string, number, list, object, true, false or null) < flow.json:1 actors.a",
      'flow.json actors.b.use: Cannot use "no.json": there is no such file (expected the path of a flow file)',
      expect.stringContaining(
        'flow.json actors.c.use: Cannot use "sluice:no": no such flow comes with sluice (',
      ),
      'flow.json actors.d.use: Cannot use "inner": it is a folder (expected a file)',
    ]);
  });

  test("a ring, by whatever name the file is used", async () => {
    const folder = write({
      "a.json": { actors: { x: { use: "b.json" } } },
      "b.json": { actors: { y: { use: "link.json" } } },
    });
    symlinkSync("a.json", join(folder, "link.json"));
    const loaded = await loadFlow(join(folder, "a.json"));
    expect(loaded.ok ? [] : loaded.issues.map(({ message }) => message)).toEqual([
      'Cannot use "link.json": it uses itself, a.json -> b.json -> a.json (expected no ring)',
    ]);
  });

  test("ports, parameters and keys that are not there", async () => {
    const issues = await issuesOf({
      "flow.json": {
        actors: {
          ...SOURCES,
          a: { ...USE, with: { lng: "x" }, timeout: "1s", workers: 2 },
          b: { ...USE, in: { stop: "stops", left: "raw" } },
          c: { ...USE, in: { stdin: "raw", stop: { from: "stops", as: "file" } } },
          d: { run: ["cat"], in: ["ok.rst", "ok/words"], with: { x: "y" } },
          ok: USE,
          none: { use: "inner/none.json", in: "raw" },
          e: { run: ["cat"], in: "none" },
        },
      },
      "inner/none.json": { actors: { i: { stdin: true } }, out: { x: "i" } },
    });
    const flow = "./inner/clean.json";
    expect(issues).toEqual([
      `flow.json actors.a.with.lng: Cannot give parameter "lng": the flow "${flow}" has no such parameter (did you mean "lang"?)`,
      'flow.json actors.a.timeout: Cannot use "timeout" on actor "a": only a process (run, sh) takes its time',
      'flow.json actors.a.workers: Cannot use "workers" on actor "a": only a process (run, sh) has workers',
      `flow.json actors.b: Cannot use "${flow}" as actor "b": its standard input is not connected (expected "in": STREAM)`,
      `flow.json actors.b.in.left: Cannot connect input "left" of actor "b": the flow "${flow}" has no such input (inputs: stdin, stop)`,
      'flow.json actors.c.in.stop: Cannot give input "stop" of actor "c" as a file: it is a flow (expected "as": "file" at the actor inside that reads it)',
      'flow.json actors.d.in[0]: Cannot connect "ok.rst": actor "ok" has no output "rst" (did you mean "ok.rest"? outputs: stdout, rest, same)',
      'flow.json actors.d.in[1]: Cannot connect "ok/words": there is no actor or alias "ok/words" (expected one of raw, stops, a, b, c, d, ok, none and 1 more)',
      'flow.json actors.d.with: Cannot use "with" on actor "d": it gives parameters to another flow (expected it beside "use")',
      'flow.json actors.e.in: Cannot connect "none": actor "none" has no output "stdout" (it has none)',
    ]);
  });

  test("cycles through it, files that two write, actors that talk in messages", async () => {
    const issues = await issuesOf({
      "flow.json": {
        actors: { a: { use: "two.json", in: { stdin: "b", b: "b" } }, b: { run: ["cat"], in: "a" } },
        out: "b",
      },
      "two.json": TWO,
    });
    expect(issues).toEqual([
      'flow.json actors.a.in: Cannot order actor "a/y": it waits for its own output, a/y -> b -> a/y (expected no cycle)',
    ]);
    expect(
      await issuesOf({
        "flow.json": { actors: { a: { use: "thru.json", in: "a" } } },
        "thru.json": { actors: { i: { stdin: true } } },
      }),
    ).toEqual([
      'flow.json actors.a.in: Cannot connect actor "a": what it is given is its own output (expected another stream)',
    ]);
    expect(
      await issuesOf({
        "flow.json": {
          actors: { a: { use: "file.json" }, b: { use: "file.json" }, m: { use: "talk.json" } },
        },
        "file.json": { actors: { v: { value: "x" } }, out: { x: "v" } },
        "talk.json": { actors: { t: { run: ["t"], protocol: "messages" } } },
      }),
    ).toEqual([
      'flow.json actors.m.use: Cannot use "talk.json": its actor "t" talks in messages, which would not find the actors that they name (expected actors that read and write bytes)',
    ]);
    expect(
      await issuesOf({
        "flow.json": { actors: { a: { use: "file.json" }, b: { use: "file.json" } } },
        "file.json": { actors: { v: { value: "x" } }, out: { x: "v" } },
      }),
    ).toEqual([
      expect.stringContaining(
        'as actor "b": it writes "/x", as actor "a" does (expected one that writes it)',
      ),
    ]);
  });

  test("inputs that are not given, given twice, or not there, when it runs by itself", async () => {
    expect(
      await issuesOf({
        "flow.json": { actors: { a: { input: "x" }, b: { input: "x" }, c: { run: ["cat"], in: "a" } } },
      }),
    )
      .toEqual([
        'flow.json actors.a.input: Cannot fill input "x" of the flow: nothing is connected to it (give it with --in x=FILE, or - for standard input)',
        'flow.json actors.b.input: Cannot read input "x" in actor "b": actor "a" reads it (expected at most one in a flow)',
        'flow.json actors.b.input: Cannot fill input "x" of the flow: nothing is connected to it (give it with --in x=FILE, or - for standard input)',
      ]);
    await expect(load({ actors: { i: { input: "x" } } }, { inputs: { x: "/x", y: "/y" } }))
      .rejects.toThrow('Cannot give input "y": the flow has no such input (expected one of x)');
  });
});
