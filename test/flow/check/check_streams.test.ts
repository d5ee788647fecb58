import { describe, expect, test } from "vitest";
import { streamName } from "../../../lib/core/flow.ts";
import { flowOf, messagesOf } from "../messages_of.ts";

const actors = { n0: { value: "0" }, n1: { value: "1" }, n2: { value: "2" } };

function read(input: unknown, aliases: Record<string, unknown> = {}): string[] {
  const flow = flowOf({ actors: { ...actors, r: { run: ["cat"], in: input } }, aliases });
  return flow.actors.get("r")?.inputs.flatMap((port) => port.streams.map(streamName)) ?? [];
}

describe("checkFlow() joins streams", () => {
  const aliases = {
    ".many": ["n2", "n0", "n1"],
    ".more": [".many", "n1"],
    ".one": "n0",
    ".none": [],
    ".twice": ["n0", "n0"],
  };

  test.each([
    ["n0", ["n0"]],
    ["n0.stdout", ["n0"]],
    [["n0", "n0"], ["n0", "n0"]],
    [[".many", "n0"], ["n2", "n0", "n1"]],
    [["n0", ".many"], ["n0", "n2", "n1"]],
    [[".one", "n0"], ["n0"]],
    [[".one", "n0", "n0"], ["n0"]],
    [["n0", "n0", ".one"], ["n0", "n0"]],
    [[".one", ".one"], ["n0"]],
    [".more", ["n2", "n0", "n1"]],
    [".twice", ["n0"]],
    [[".none", "n1"], ["n1"]],
    [[], []],
    [".none", []],
  ])("of %j as %j", (input, streams) => expect(read(input, aliases)).toEqual(streams));

  test("of several ports, in order, merged as the actor says", () => {
    const r = { run: ["r"], in: { left: ["n0", "b.audit"], stdin: "b.stderr", empty: "n1" }, merge: "lines" };
    const flow = flowOf({ actors: { ...actors, b: { run: ["b"], outputs: { audit: 3 } }, r } });
    expect(flow.actors.get("r")?.inputs).toEqual([
      {
        name: "left",
        streams: [{ actor: "n0", port: "stdout" }, { actor: "b", port: "audit" }],
        merge: "lines",
      },
      { name: "stdin", streams: [{ actor: "b", port: "stderr" }], merge: "lines" },
      { name: "empty", streams: [{ actor: "n1", port: "stdout" }], merge: "lines" },
    ]);
  });

  test("and keeps aliases in the order of declaration", () => {
    const flow = flowOf({ actors, aliases: { ".b": ".a", ".a": ["n1", "n0"] } });
    expect([...flow.aliases].map(([name, streams]) => [name, streams.map(streamName)])).toEqual([
      [".b", ["n1", "n0"]],
      [".a", ["n1", "n0"]],
    ]);
  });

  test("through 10,000 aliases one behind the other", () => {
    const chain = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`.a${i}`, i === 9999 ? "n0" : `.a${i + 1}`]),
    );
    expect(read(".a0", chain)).toEqual(["n0"]);
  });
});

describe("checkFlow() reports", () => {
  test("unknown actors, aliases and ports, and what was meant", () => {
    const parse = { run: ["parse"], outputs: { records: 3 } };
    const list = [
      "parse.out",
      "parse.recrds",
      "note.stderr",
      "prase",
      "prase.records",
      "many",
      ".mny",
      "xyzzy",
      "",
      "parse.stdrr",
    ];
    const flow = {
      actors: { parse, note: { value: 1 }, r: { run: ["r"], in: list } },
      aliases: { ".many": "parse" },
    };
    expect(messagesOf(flow)).toEqual([
      'actors.r.in[0]: Cannot connect "parse.out": actor "parse" has no output "out" (outputs: stdout, stderr, records)',
      'actors.r.in[1]: Cannot connect "parse.recrds": actor "parse" has no output "recrds" (did you mean "parse.records"? outputs: stdout, stderr, records)',
      'actors.r.in[2]: Cannot connect "note.stderr": actor "note" has no output "stderr" (outputs: stdout)',
      'actors.r.in[3]: Cannot connect "prase": there is no actor or alias "prase" (did you mean "parse"?)',
      'actors.r.in[4]: Cannot connect "prase.records": there is no actor "prase" (did you mean "parse.records"?)',
      'actors.r.in[5]: Cannot connect "many": there is no actor or alias "many" (did you mean ".many"?)',
      'actors.r.in[6]: Cannot connect ".mny": there is no actor or alias ".mny" (did you mean ".many"?)',
      'actors.r.in[7]: Cannot connect "xyzzy": there is no actor or alias "xyzzy" (expected one of .many, parse, note, r)',
      'actors.r.in[8]: Cannot connect "": there is no actor or alias "" (expected one of .many, parse, note, r)',
      'actors.r.in[9]: Cannot connect "parse.stdrr": actor "parse" has no output "stdrr" (did you mean "parse.stderr"? outputs: stdout, stderr, records)',
    ]);
  });

  test("the place of each, in a string, a list and a port", () => {
    const r = { run: ["r"], in: { a: "qqqq", b: ["n0", "qqqq"] } };
    expect(
      messagesOf({ actors: { ...actors, r, s: { run: ["s"], in: "qqqq" } } }).map((text) =>
        text.split(": ")[0]
      ),
    ).toEqual([
      "actors.r.in.a",
      "actors.r.in.b[1]",
      "actors.s.in",
    ]);
  });

  test("a mistake in an alias once, not at each use", () => {
    const uses = { a: { run: ["a"], in: ".x" }, b: { run: ["b"], in: { left: ".x" } } };
    expect(messagesOf({ actors: { ...actors, ...uses }, aliases: { ".x": ["n7"], ".y": 3, ".end": ".y" } }))
      .toEqual([
        'aliases[".y"]: Cannot read ".y": it is the number 3 (expected a stream or a list of streams)',
        'aliases[".x"][0]: Cannot connect "n7": there is no actor or alias "n7" (did you mean "n0"?)',
      ].map((text) => text));
  });

  test("alias loops, by name", () => {
    const aliases = { ".x": [".y", "n0"], ".y": ".z", ".z": ".x", ".self": ".self", ".out": ".x" };
    expect(messagesOf({ actors, aliases, out: ".out" })).toEqual([
      'aliases[".x"]: Cannot expand alias ".x": it names itself, .x -> .y -> .z -> .x (expected no loop)',
      'aliases[".self"]: Cannot expand alias ".self": it names itself, .self -> .self (expected no loop)',
    ]);
  });

  test("an alias with the name of an actor", () => {
    expect(messagesOf({ actors, aliases: { n0: "n1" } })).toEqual([
      'aliases.n0: Cannot name an alias "n0": there is an actor "n0" (expected another name)',
    ]);
  });

  test("a named port without streams", () => {
    const r = { run: ["r"], in: { stdin: [], left: [], right: ".none" } };
    expect(messagesOf({ actors: { ...actors, r }, aliases: { ".none": [] } })).toEqual([
      'actors.r.in.left: Cannot fill input "left" of actor "r": it names no stream (expected at least one)',
      'actors.r.in.right: Cannot fill input "right" of actor "r": it names no stream (expected at least one)',
    ]);
  });

  test("no consequences of what could not be read", () => {
    const broken = {
      a: { run: ["a"], outputs: { x: "3" } },
      b: null,
      r: { run: ["r"], in: ["a.x", "b.y", "b"] },
    };
    expect(messagesOf({ actors: broken, aliases: 3 })).toEqual([
      'aliases: Cannot read "aliases": it is the number 3 (expected an object such as {".end": ["a", "b"]})',
      'actors.a.outputs.x: Cannot read "x": it is the string "3" (expected a file descriptor from 3 to 63)',
      'actors.b: Cannot read "b": it is null (expected an object such as {"run": ["cat"], "in": "a"})',
    ]);
  });
});
