/** What a parameter may be, and where no secret may be. */
import { describe, expect, test } from "vitest";
import { makeHide } from "../../../lib/core/secrets.ts";
import { flowOf, messagesOf } from "../messages_of.ts";

const actors = { a: { run: ["a", "{param.p}"] } };

function valueOf(param: object, given?: string): readonly string[] {
  const params: Record<string, string> = given === undefined ? {} : { p: given };
  const source = flowOf({ params: { p: param }, actors }, { params }).actors.get("a")?.source;
  return source?.kind === "run" ? source.argv.slice(1) : [];
}

function wrong(param: object, given?: string): string[] {
  return messagesOf({ params: { p: param }, actors }, given === undefined ? {} : { params: { p: given } });
}

describe("a parameter", () => {
  test.each([["number", "1.5e3"], ["number", "-.5"], ["integer", "-12"], ["boolean", "true"], [
    "string",
    "",
  ]])(
    "that is a %s may be %o",
    (type, value) => expect(valueOf({ type }, value)).toEqual([value]),
  );

  test("that is a path is absolute", () => {
    expect(valueOf({ type: "path", default: "x/y" })).toEqual(["/flows/x/y"]);
    expect(valueOf({ type: "path" }, "/z")).toEqual(["/z"]);
  });

  test.each([
    ["number", "1,5", '"1,5" is no number (expected such as 12 or 0.5)'],
    ["number", "Infinity", '"Infinity" is no number (expected such as 12 or 0.5)'],
    ["number", "0x10", '"0x10" is no number (expected such as 12 or 0.5)'],
    ["integer", "1.5", '"1.5" is no whole number (expected such as 12)'],
    ["boolean", "yes", '"yes" is no boolean (expected true or false)'],
    ["path", "", '"" is empty (expected a path)'],
  ])("that is a %s may not be %o", (type, value, reason) => {
    expect(wrong({ type }, value)).toEqual([`params.p: Cannot set parameter "p": ${reason}`]);
  });

  test("with a default that it may not be is told there", () => {
    expect(wrong({ choices: ["a", 2], default: "b" })).toEqual([
      'params.p.default: Cannot set parameter "p": "b" is none of its choices (expected one of a, 2)',
    ]);
    expect(valueOf({ choices: ["a", 2], default: 2 })).toEqual(["2"]);
  });

  test("that is secret is in no message, has no default, and is in no name", () => {
    const p = { secret: true, type: "number" };
    expect(wrong(p, "s3cr3t")).toEqual([
      'params.p: Cannot set parameter "p": its value is no number (expected such as 12 or 0.5)',
    ]);
    expect(wrong({ secret: true, default: "x" })).toEqual([
      'params.p.default: Cannot keep parameter "p" secret: its default stands in the flow (expected "env": "VARIABLE", and no default)',
    ]);
    expect(
      messagesOf({
        params: { p: { secret: true } },
        sets: { s: { values: ["{param.p}"] } },
        actors: { a: { each: "s", run: ["a"] } },
        out: { "x-{param.p}.txt": "a" },
      }, { params: { p: "abc" } }),
    ).toEqual([
      'sets.s.values[0]: Cannot fill "{param.p}": the parameter is secret, and the names of members are seen by all (expected another one)',
      'out["x-{param.p}.txt"]: Cannot fill "{param.p}": the parameter is secret, and the name of a file is seen by all (expected another one)',
    ]);
    expect(flowOf({ params: { p: { secret: true } }, actors }, { params: { p: "abc" } }).secrets).toEqual([
      "abc",
    ]);
  });
});

describe("makeHide()", () => {
  test("hides secrets at any depth, longer ones first, and their lines", () => {
    const hide = makeHide({ secrets: ["abc", "abcdef", "line one\nline two", 'a"b'] });
    expect(hide({ a: ["xabcdefx", { b: "abc" }], n: 1 })).toEqual({ a: ["x***x", { b: "***" }], n: 1 });
    expect(hide("got line two")).toBe("got ***");
    expect(hide(String.raw`in JSON: a\"b`)).toBe("in JSON: ***");
  });

  test("gives back the same where nothing is secret", () => {
    const value = { a: "b" };
    expect(makeHide({ secrets: [] })(value)).toBe(value);
  });
});
