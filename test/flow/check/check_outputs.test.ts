import { describe, expect, test } from "vitest";
import { streamName } from "../../../lib/core/flow.ts";
import { flowOf, messagesOf } from "../messages_of.ts";

const actors = {
  a: { value: 1 },
  b: { run: ["b"], in: "a", outputs: { audit: 3, log: 4 } },
  c: { run: ["c"], in: "b.audit" },
};

function outputs(rest: Record<string, unknown>): (string | string[])[][] {
  return flowOf({ actors, ...rest }).outputs.map(({ target, streams }) => [target, streams.map(streamName)]);
}

describe("checkFlow() gives the outputs", () => {
  test.each([
    ["every stream nobody reads, but no stderr", {}, [["-", ["b", "b.log", "c"]]]],
    ["alias .end", { aliases: { ".end": ["c", "a"] } }, [["-", ["c", "a"]]]],
    ["out before .end", { aliases: { ".end": ["c"] }, out: "a" }, [["-", ["a"]]]],
    ["a list", { out: ["c", "b.stderr", "c"] }, [["-", ["c", "b.stderr", "c"]]]],
    ["files", { out: { "-": "c", "x/y.txt": ["a", "b"], "/tmp/z": "b" } }, [["-", ["c"]], ["/flows/x/y.txt", [
      "a",
      "b",
    ]], ["/tmp/z", ["b"]]]],
  ])("%s", (_name, rest, expected) => expect(outputs(rest)).toEqual(expected));
});

describe("checkFlow() reports outputs", () => {
  test("that are no files, and two that are one", () => {
    expect(messagesOf({ actors, out: { "": "a", "x/": "a", "y": "a", "./y": "a", "p\0": "a" } })).toEqual([
      'out["p\\u0000"]: Cannot use the name "p\0": it is not allowed (expected a path, or - for standard output with no NUL character)',
    ]);
    expect(messagesOf({ actors, out: { "": "a", "x/": "a", "y": "a", "./y": "a" } })).toEqual([
      'out[""]: Cannot write "": its path is empty (expected a file, or "-" for standard output)',
      'out["x/"]: Cannot write "x/": it is a folder (expected a file)',
      'out["./y"]: Cannot write "./y": it is the same file as "y" (expected one entry per file)',
    ]);
  });

  test("with nothing but reserved names, once", () => {
    expect(messagesOf({ actors, out: { constructor: "a" } })).toEqual([
      'out.constructor: Cannot use the name "constructor": it is reserved (expected another name)',
    ]);
  });

  test("without streams", () => {
    expect(messagesOf({ actors, out: [] })).toEqual([
      'out: Cannot write "out": it names no stream (expected at least one)',
    ]);
    expect(messagesOf({ actors, out: { f: [] } })).toEqual([
      'out.f: Cannot write "f": it names no stream (expected at least one)',
    ]);
    expect(messagesOf({ actors, aliases: { ".end": [] } })).toEqual([
      'aliases[".end"]: Cannot write the output of the flow: alias ".end" names no stream (expected at least one)',
    ]);
  });

  test("of unknown actors", () => {
    expect(messagesOf({ actors, out: { f: ["a", "d"] } })).toEqual([
      'out.f[1]: Cannot connect "d": there is no actor or alias "d" (expected one of a, b, c)',
    ]);
  });
});
