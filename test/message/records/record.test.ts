import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { readExactly } from "../../../lib/message/wire/exact_json.ts";
import { pointTo } from "../../../lib/message/wire/point_to.ts";
import { readRecord, skipMark } from "../../../lib/message/records/record.ts";

function recordOf(line: string | readonly number[]): string | undefined {
  const bytes = Buffer.concat([
    typeof line === "string" ? Buffer.from(line) : Buffer.from(line),
    Buffer.from("\n"),
  ]);
  const payload = readRecord(bytes, 0, bytes.length - 1);
  return payload === undefined ? undefined : Buffer.from(payload).toString();
}

describe("readRecord()", () => {
  test.each([
    [
      "JSON as it is written",
      ' {"a":  1.0, "b": 12345678901234567890} ',
      '{"a":  1.0, "b": 12345678901234567890}',
    ],
    ["an escaped half of a pair", '"\\ud800"', '"\\ud800"'],
    ["a text", "no json", '"no json"'],
    ["an empty line", "", '""'],
    ["blanks", "  ", '"  "'],
    ["the carriage return of a line break", "text\r", '"text"'],
    ["the same behind JSON", "[1]\r", "[1]"],
    ["a carriage return within", "a\rb", '"a\\rb"'],
    ["a zero byte", "a\0b", '"a\\u0000b"'],
    ["a mark that is not at the beginning of the stream", "\ufeff[1]", '"\ufeff[1]"'],
    [
      "JSON that is nested too deep, as a text",
      "[".repeat(300) + "]".repeat(300),
      JSON.stringify("[".repeat(300) + "]".repeat(300)),
    ],
  ])("takes %s", (_, line, expected) => {
    expect(recordOf(line)).toBe(expected);
  });

  test.each([
    ["a byte that begins nothing", [0x61, 0xff, 0x62]],
    ["a character that is cut off", [0xe2, 0x82]],
    ["half of a pair", [0xed, 0xa0, 0x80]],
    ["a string of JSON with such a byte", [0x22, 0xff, 0x22]],
  ])("refuses %s", (_, line) => {
    expect(recordOf(line)).toBeUndefined();
  });

  test("skipMark() skips a byte order mark, and nothing else", () => {
    expect([skipMark(Buffer.from("\ufeffa"), 0), skipMark(Buffer.from("a"), 0)]).toEqual([3, 0]);
  });
});

describe("readExactly()", () => {
  test.each([
    '[12345678901234567890,1.0,1e400,-0,0.1,"12345678901234567890",{"a":1.50}]',
    '{"a":[1,2.5,null]}',
  ])(
    "gives back %s",
    (text) => expect(JSON.stringify(readExactly(text))).toBe(text),
  );

  test("keeps keys apart that are the same number to JavaScript", () => {
    const keys = ["9007199254740993", "9007199254740992"].map((id) =>
      pointTo(readExactly(`{"id": ${id}}`), ["id"])
    );
    expect(keys).toEqual(["9007199254740993", "9007199254740992"]);
    expect(pointTo(readExactly('{"id": 9007199254740993}'), ["id", "rawJSON"])).toBeUndefined();
  });
});
