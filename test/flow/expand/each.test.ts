/** Actors over sets: their instances, and who reads whom. */
import { describe, expect, test } from "vitest";
import { streamName } from "../../../lib/core/flow.ts";
import { flowOf, messagesOf } from "../messages_of.ts";

const sets = {
  x: { values: ["a", "b"] },
  y: { values: ["1", "2"] },
  none: { files: "nothing/*", optional: true },
};

function reads(actors: object, rest: object = {}): string[] {
  const flow = flowOf({ sets, actors, ...rest });
  return [...flow.actors.values()].flatMap(({ name, inputs }) =>
    inputs.map((input) => `${name} < ${input.streams.map(streamName).join(" ")}`)
  );
}

function outputs(actors: object, rest: object = {}): string[] {
  return flowOf({ sets, actors, ...rest }).outputs
    .map(({ target, streams }) => `${target} < ${streams.map(streamName).join(" ")}`);
}

const A = { each: "x", value: "{x}" };
const B = { each: ["x", "y"], run: ["b"], in: "a" };

describe("a reader", () => {
  test("over the same sets reads its own instance, whatever their order", () => {
    expect(reads({ a: A, b: B, c: { each: ["y", "x"], run: ["c"], in: "b" } }).slice(4)).toEqual([
      "c[1,a] < b[a,1]",
      "c[1,b] < b[b,1]",
      "c[2,a] < b[a,2]",
      "c[2,b] < b[b,2]",
    ]);
  });

  test("over more sets reads the instance of its own members", () => {
    expect(reads({ a: A, b: B })).toEqual([
      "b[a,1] < a[a]",
      "b[a,2] < a[a]",
      "b[b,1] < a[b]",
      "b[b,2] < a[b]",
    ]);
  });

  test("over fewer sets gathers the others, over none all", () => {
    expect(
      reads({ a: A, b: B, c: { each: "y", run: ["c"], in: "b" }, d: { run: ["d"], in: ["b", "a"] } }).slice(
        4,
      ),
    ).toEqual(["c[1] < b[a,1] b[b,1]", "c[2] < b[a,2] b[b,2]", "d < b[a,1] b[a,2] b[b,1] b[b,2] a[a] a[b]"]);
  });

  test("over other sets gathers all in each instance, and reads all of a stream without", () => {
    expect(reads({ a: A, v: { value: "" }, c: { each: "y", run: ["c"], in: ["v", "a"] } }))
      .toEqual(["c[1] < v a[a] a[b]", "c[2] < v a[a] a[b]"]);
  });

  test("reads ports and aliases of its own instance, and one instance by its name", () => {
    expect(reads({
      a: { each: "x", run: ["a"], outputs: { log: 3 } },
      c: { each: "x", run: ["c"], in: { stdin: ".both", left: "a.log" } },
      d: { run: ["d"], in: ["a[b]", "a[a].log"] },
    }, { aliases: { ".both": ["a", "a.stderr"] } })).toEqual([
      "c[a] < a[a] a[a].stderr",
      "c[a] < a[a].log",
      "c[b] < a[b] a[b].stderr",
      "c[b] < a[b].log",
      "d < a[b] a[a].log",
    ]);
  });

  test("of a set without members reads nothing", () => {
    const actors = { a: { each: "none", file: "{none.path}" }, b: { run: ["b"], in: "a" } };
    expect(reads(actors)).toEqual([]);
    expect(outputs(actors)).toEqual(["- < b"]);
    const b = { run: ["b"], in: { left: "a" } };
    expect(messagesOf({ sets, actors: { ...actors, b } })).toEqual([
      'actors.b.in.left: Cannot fill input "left" of actor "b": what it reads is over a set without members (expected at least one)',
    ]);
    expect(messagesOf({ sets, actors: { ...actors, b: { ...b, each: "x" } } }), "once").toHaveLength(1);
  });
});

describe("outputs", () => {
  test("whose names name sets are a file for each member, others get all", () => {
    expect(
      outputs({ a: A, b: B }, { out: { "o/{x}.txt": ["b", "a"], "{y}-{x.index}": "b", "-": "b", all: "a" } }),
    )
      .toEqual([
        "/flows/o/a.txt < b[a,1] b[a,2] a[a]",
        "/flows/o/b.txt < b[b,1] b[b,2] a[b]",
        "/flows/1-0 < b[a,1]",
        "/flows/1-1 < b[b,1]",
        "/flows/2-0 < b[a,2]",
        "/flows/2-1 < b[b,2]",
        "- < b[a,1] b[a,2] b[b,1] b[b,2]",
        "/flows/all < a[a] a[b]",
      ]);
  });

  test("are files, also when a member is called like standard output", () => {
    const flow = flowOf({
      sets: { v: { values: ["-"] } },
      actors: { a: { value: "" } },
      out: { "{v}": "a" },
    });
    expect(flow.outputs.map(({ target }) => target)).toEqual(["/flows/-"]);
  });

  test("are what nobody reads, in the order of declaration", () => {
    expect(outputs({ a: A, b: B })).toEqual(["- < b[a,1] b[a,2] b[b,1] b[b,2]"]);
    expect(outputs({ a: A, c: { run: ["c"], in: "a[a]" } })).toEqual(["- < a[b] c"]);
  });

  test("are no folders, nor in one another", () => {
    const named = { values: ["a", "b"] };
    const issues = (set: object, out: object): string[] =>
      messagesOf({ sets: { s: set, t: named }, actors: { a: { each: "s", value: "{s}" } }, out });
    for (const name of ["", ".", "c/", "c/."]) {
      expect(issues({ values: [name] }, { "o/{s}": "a" })).toEqual([
        'out["o/{s}"]: Cannot write "o/{s}": it is a folder (expected a file)',
      ]);
    }
    expect(issues({ values: ["a", "b", "b/c/d", "a/x"] }, { "o/{s}": "a" })).toEqual([
      'out["o/{s}"]: Cannot write "o/{s}" of "b/c/d": its folder is the file "o/{s}" of "b" (expected another name)',
    ]);
    expect(issues({ values: ["a", "b"] }, { "o/{s}": "a", "o": "a" })).toEqual([
      'out["o/{s}"]: Cannot write "o/{s}" of "a": its folder is the file "o" (expected another name)',
    ]);
    expect(issues({ values: ["a", "a.b"] }, { "o/{s}": "a", "o.": "a" })).toEqual([]);
  });

  test("are not two members in one file, and do not leave their folder", () => {
    const other = {
      ...sets,
      p: { values: ["../x", "/y"] },
      same: { values: [{ n: "q", f: 1 }, { n: "r", f: 1 }] },
    };
    const issues = (out: object): string[] => messagesOf({ sets: other, actors: { a: A }, out });
    expect(issues({ "o/{same.f}": "a" })).toEqual([
      'out["o/{same.f}"]: Cannot write "o/{same.f}" of "r": it is the same file as "o/{same.f}" of "q" (expected one entry per file)',
    ]);
    expect(issues({ "o/{p}": "a" })).toEqual([
      'out["o/{p}"]: Cannot write "o/{p}": "{p}" is "../x", which leads out of the folder (expected another field, or values without ".." and no absolute path)',
    ]);
    expect(issues({ "o/{x.nme}": "a" })).toEqual([
      'out["o/{x.nme}"]: Cannot fill "{x.nme}": set "x" has no field "nme" (expected one of index)',
    ]);
  });
});

describe("instances", () => {
  test("have their fields in everything that parameters are in, and in the environment", () => {
    const { actors } = flowOf({
      params: { p: { default: "{x}" } },
      sets: { ...sets, t: { values: [{ id: "k", "a b": "v" }] } },
      actors: {
        a: {
          each: ["x", "t"],
          run: ["./{t}", "{x}{t.id}", "${x}", "{param.p}"],
          cwd: "d/{x}",
          env: { E: "{t.a b}" },
          reads: ["{x}"],
        },
      },
    });
    expect(actors.get("a[b,k]")).toMatchObject({
      source: { argv: ["/flows/k", "bk", "${x}", "{x}"] },
      cwd: "/flows/d/b",
      reads: ["/flows/b"],
      env: {
        E: "v",
        SLUICE_EACH_X: "b",
        SLUICE_EACH_X_INDEX: "1",
        SLUICE_EACH_T: "k",
        SLUICE_EACH_T_ID: "k",
        SLUICE_EACH_T_A_B: "v",
        SLUICE_EACH_T_INDEX: "0",
      },
    });
  });

  test("are known by their actor", () => {
    expect(flowOf({ sets, actors: { a: A, v: { value: "" } } }).groups).toEqual(
      new Map([["a", ["a[a]", "a[b]"]]]),
    );
  });
});

describe("checkFlow() reports", () => {
  test.each<[string, object, string[]]>([
    ["a set that is not there", { a: { each: "z", value: "" } }, [
      'actors.a.each: Cannot make instances over "z": the flow has no such set (expected one of x, y, none)',
    ]],
    ["a slip in its name", { a: { each: ["x", "nnoe"], value: "" } }, [
      'actors.a.each[1]: Cannot make instances over "nnoe": the flow has no such set (did you mean "none"?)',
    ]],
    ["a set twice", { a: { each: ["x", "x"], value: "" } }, [
      'actors.a.each[1]: Cannot make instances over "x": it is there twice (expected each set once)',
    ]],
    ["a field without each", { a: { run: ["a", "{x}"] } }, [
      'actors.a.run[1]: Cannot fill "{x}": there is no "each" over set "x" here (expected "each": "x", or another name of the set)',
    ]],
    ["a slip in a reference", { a: { each: "none", run: ["a", "{nnoe.path}", "{none.pth}", "{nnoe}"] } }, [
      'actors.a.run[1]: Cannot fill "{nnoe.path}": the flow has no set "nnoe" (did you mean "none"?)',
      'actors.a.run[2]: Cannot fill "{none.pth}": set "none" has no field "pth" (did you mean "path"?)',
    ]],
    ["a field in sh", { a: { each: "x", sh: "echo {x} {x.index} ${x}; {y}" } }, [
      'actors.a.sh: Cannot fill "{x}" in sh: a shell would interpret it (use "$SLUICE_EACH_X")',
      'actors.a.sh: Cannot fill "{x.index}" in sh: a shell would interpret it (use "$SLUICE_EACH_X_INDEX")',
    ]],
    ["standard input many times", { a: { each: "x", stdin: true } }, [
      'actors.a.each: Cannot use "each" on actor "a": standard input is there once (expected it without "each")',
    ]],
    ["message actors", { a: { each: "x", run: ["a"], protocol: "messages" } }, [
      'actors.a.each: Cannot use "each" on message actor "a": "supervisor": {"type": "keyed"} makes an instance for each key',
    ]],
    ["a cycle, once", { a: { each: "x", run: ["a"], in: "b" }, b: { each: "x", run: ["b"], in: "a" } }, [
      'actors.a.in: Cannot order actor "a": it waits for its own output, a -> b -> a (expected no cycle)',
    ]],
    ["an instance that is not there", { a: A, c: { run: ["c"], in: "a[c]" } }, [
      'actors.c.in: Cannot connect "a[c]": there is no actor or alias "a[c]" (did you mean "a[a]"?)',
    ]],
    ["mistakes of all instances once", { a: { each: "x", run: ["{in.z}", "{out.q}"], workers: 2 } }, [
      'actors.a.run[0]: Cannot fill "{in.z}": actor "a" has no input port "z" (it has no named inputs)',
      'actors.a.run[1]: Cannot fill "{out.q}": actor "a" has no output port "q" (it has no named outputs)',
      'actors.a.workers: Cannot give actor "a" workers: they share the lines of stdin, which it does not read (expected an input "stdin")',
    ]],
  ])("%s", (_, actors, expected) => {
    expect(messagesOf({ sets, actors })).toEqual(expected);
  });

  test("names of variables that are one", () => {
    const flow = {
      sets: { x: { values: [{ "a b": 1, "a-b": 2 }] } },
      actors: { a: { each: "x", run: ["a"] } },
    };
    expect(messagesOf(flow)).toEqual([
      'actors.a.each: Cannot make instances of actor "a": {x.a-b} would be SLUICE_EACH_X_A_B, as {x.a b} is (expected another name)',
    ]);
  });

  test("too many instances, and too many streams", () => {
    const many = { n: { range: [1, 1000] }, m: { range: [1, 1000] } };
    expect(messagesOf({ sets: many, actors: { a: { each: ["n", "m"], run: ["a"] } } })).toEqual([
      'actors.a.each: Cannot make instances of actor "a": there would be 1000000, 1000 of "n" times 1000 of "m" (expected at most 100000)',
    ]);
    const wide = { n: { range: [1, 3000] }, m: { range: [1, 3000] } };
    const actors = { a: { each: "n", run: ["a"] }, b: { each: "m", run: ["b"], in: "a" } };
    expect(messagesOf({ sets: wide, actors })).toEqual([
      'actors.b.in: Cannot connect the instances of actor "b": those of the flow would read more than 2000000 streams together (expected actors over the same sets, or one that gathers)',
    ]);
  });
});
