/** Flows in flows: what becomes of them. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Flow, streamName } from "../../../lib/core/flow.ts";
import { flow as build } from "../../../lib/flow/builder.ts";
import { CLEAN, load, SOURCES, TWO, USE, write } from "./use_rig.ts";

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
