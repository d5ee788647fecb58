/** Flows in flows: what is told of their mistakes. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadFlow } from "../../../lib/flow/load_flow.ts";
import { pathText } from "../../../lib/flow/read/json_path.ts";
import { load, SOURCES, TWO, USE, write } from "./use_rig.ts";

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

  test("what cannot be run again as a whole", async () => {
    const inside = (actor: object): object => ({
      actors: { i: { stdin: true }, c: { run: ["cat"], in: "i", ...actor } },
    });
    const issues = await issuesOf({
      "flow.json": {
        sets: { n: { values: [1, 2] } },
        actors: {
          raw: { run: ["ls"] },
          ...Object.fromEntries(["workers", "cache", "over", "whole", "fine"].map((name) => [
            name,
            { use: `${name}.json`, in: "raw", retry: 2, ...(name === "cache" ? { each: "n" } : {}) },
          ])),
        },
      },
      "workers.json": inside({ workers: 2 }),
      "cache.json": inside({ cache: true }),
      "over.json": { ...inside({ each: "s" }), sets: { s: { stream: "i" } } },
      "whole.json": { actors: { i: { stdin: true }, w: { use: "fine.json", in: "i", retry: 1 } } },
      "fine.json": inside({ retry: 2, timeout: "1s" }),
    });
    const inner = 'expected "retry" at the actors inside';
    expect(issues).toEqual([
      `flow.json actors.workers.retry: Cannot run actor "workers" again as a whole: its actor "c" has workers (${inner})`,
      `flow.json actors.cache.retry: Cannot run actor "cache" again as a whole: its actor "c" has "cache", which keeps what has ended well already (${inner})`,
      `flow.json actors.over.retry: Cannot run actor "over" again as a whole: its actor "c" is over the records of a stream (${inner})`,
      'flow.json actors.whole.retry: Cannot run actor "whole" again as a whole: its actor "w/c" is in "w", which is run again as a whole itself (expected one "retry" of them)',
    ]);
    const back = {
      actors: {
        a: { use: "two.json", in: { stdin: "raw", b: "b" }, retry: 1 },
        b: { run: ["cat"], in: "a" },
      },
      out: "b",
    };
    const two = {
      actors: {
        i: { stdin: true },
        b: { input: "b" },
        x: { run: ["cat"], in: "i" },
        y: { run: ["cat"], in: "b" },
      },
      out: "x",
    };
    expect(
      await issuesOf({
        "flow.json": { ...back, actors: { raw: { value: "" }, ...back.actors } },
        "two.json": two,
      }),
    ).toEqual([
      `flow.json actors.a.retry: Cannot run actor "a" again as a whole: what it writes comes back into it, a -> b -> a (${inner})`,
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
