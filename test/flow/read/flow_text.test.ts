import { describe, expect, test } from "vitest";
import { decodeText } from "../../../lib/host/files/read_whole.ts";
import { findPlace, type FlowText, parseFlowText } from "../../../lib/flow/read/flow_text.ts";

function parsed(text: string): FlowText {
  const result = parseFlowText(text);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.text;
}

function places(text: string): unknown[] {
  const result = parseFlowText(text, { file: "f" });
  return (result.ok ? result.slips : result.issues).map((
    { line, column, message },
  ) => [line, column, message]);
}

test("decodeText() drops a byte order mark and refuses what is no UTF-8", () => {
  expect(decodeText(new TextEncoder().encode("\ufeffü"))).toBe("ü");
  expect(decodeText(new Uint8Array([0x22, 0xc3]))).toBe(undefined);
});

describe("parseFlowText()", () => {
  test("holds plain data, also under names of JavaScript", () => {
    const { value } = parsed('{ "__proto__": 1, // x\n "toString": [null, 1.5, {}], }');
    expect(JSON.stringify(value)).toBe('{"__proto__":1,"toString":[null,1.5,{}]}');
  });

  test("tells every syntax error, one for a line", () => {
    expect(places('{\n "a": tru,\n "b": [1 2],\n "c" "d",\n "e": "x\n')).toEqual([
      [2, 7, "Cannot read the flow: this is no JSON (expected a value such as a string in double quotes)"],
      [3, 10, 'Cannot read the flow: a "," is missing before this (expected between two entries)'],
      [4, 6, 'Cannot read the flow: a ":" is missing here (expected between a key and its value)'],
      [5, 7, "Cannot read the flow: a string is not closed on its line (expected a double quote)"],
    ]);
  });

  test("tells an object that is not closed", () => {
    expect(places('{ "a": 1').map((place) => JSON.stringify(place))).toEqual([
      JSON.stringify([1, 9, 'Cannot read the flow: an object is not closed (expected "}")']),
    ]);
  });

  test.each(["", "  \n", "// only a comment"])("says that %j is empty", (text) => {
    expect(places(text)).toEqual([
      [
        undefined,
        undefined,
        'Cannot read the flow: the file is empty (expected such as {"actors": {"a": {"run": ["date"]}}})',
      ],
    ]);
  });

  test("tells keys that are there twice, and keeps the first", () => {
    const text = '{ "a": 1,\n  "b": [{ "c": 1, "c": 2 }],\n  "a": 2, "a": 3 }';
    expect(places(text)).toEqual([
      [2, 19, 'Cannot use key "c": it is there already, in line 2 (expected once)'],
      [3, 3, 'Cannot use key "a": it is there already, in line 1 (expected once)'],
      [3, 11, 'Cannot use key "a": it is there already, in line 1 (expected once)'],
    ]);
    expect(parsed(text).value).toEqual({ a: 1, b: [{ c: 1 }] });
  });

  test("tells numbers that would silently be others", () => {
    const text =
      '{ "a": [1e400, -1e999],\n  "b": 12345678901234567890, "c": 1e300, "d": 9007199254740992, "e": 0.1 }';
    const digits = "than a number holds (expected a text,";
    expect(places(text)).toEqual([
      [1, 9, `Cannot read number 1e400: it is larger ${digits} "1e400")`],
      [1, 16, `Cannot read number -1e999: it is larger ${digits} "-1e999")`],
      [2, 8, `Cannot read number 12345678901234567890: it has more digits ${digits} "12345678901234567890")`],
    ]);
  });

  test("tells halves of characters, which nothing can write", () => {
    const half = 'Cannot read a text: it has half of a character (expected both, such as "\\ud83d\\ude00")';
    expect(places('{ "a": ["x\\ud800y", "\\ud83d\\ude00"],\n  "\\uDE00": 1, "\\\\ud800": "\\u00d8" }'))
      .toEqual([
        [1, 9, half],
        [2, 3, half],
      ]);
  });

  test.each([300, 1_000_000])("refuses lists %d deep", (depth) => {
    expect(places("[".repeat(depth) + "]".repeat(depth))).toEqual([
      [
        undefined,
        undefined,
        "Cannot read the flow: lists and objects are nested too deeply (expected at most 200 levels)",
      ],
    ]);
  });
});

describe("findPlace()", () => {
  const text = parsed('{\r\n  "a": { "b": [10,\n 200] }\r}');

  test.each(
    [
      [["a", "b", 1], "value", [3, 2, 3, " 200] }"]],
      [["a", "b"], "key", [2, 10, 3, '  "a": { "b": [10,']],
      [["a", "b"], "value", [2, 15, 4, '  "a": { "b": [10,']],
      [["a", "none", 3], "value", [2, 3, 3, '  "a": { "b": [10,']],
      [[], "value", [1, 1, 1, "{"]],
    ] as const,
  )("finds %j, its %s", (path, at, [line, column, length, excerpt]) => {
    expect(findPlace(text, path, at)).toEqual({ line, column, length, excerpt });
  });
});
