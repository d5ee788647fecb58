/** Splitting by key: what comes in any pieces leaves in order, exactly, each with its key. */
import { describe, expect, test } from "vitest";
import type { SplitRule } from "../../../lib/core/flow.ts";
import {
  SPLIT_HELD_BYTES_MIN,
  SPLIT_KEYS_MAX,
  SPLIT_RECORD_BYTES_MAX,
} from "../../../lib/core/limits/split.ts";
import type { KeySink } from "../../../lib/pipe/split/key_sink.ts";
import { Splitter } from "../../../lib/pipe/split/splitter.ts";
import { makeRandom } from "../../random/prng.ts";

type Rule = Partial<SplitRule> & Pick<SplitRule, "key">;

/** A sink that remembers what it is given. */
function makeSink() {
  const keys: string[] = [];
  const texts: string[] = [];
  const sink: KeySink = {
    begin: ({ key, index }) => {
      keys[index] = key;
      texts[index] = "";
    },
    write: (index, read) => read((bytes) => texts[index] += Buffer.from(bytes).toString("latin1")),
  };
  return {
    sink,
    read: () =>
      Object.fromEntries(keys.map((key, at) => [key, Buffer.from(texts[at] ?? "", "latin1").toString()])),
  };
}

/** What each key gets of a text that comes in these pieces. */
function split(
  { key, format = "lines", headerLines = 0 }: Rule,
  input: string | Uint8Array,
  pieceBytes = Infinity,
): Record<string, string> {
  const { sink, read } = makeSink();
  const splitter = new Splitter({ key, format, headerLines }, {
    sinks: [sink],
    heldBytes: SPLIT_HELD_BYTES_MIN,
  });
  const bytes = Buffer.from(input);
  for (let at = 0; at < bytes.length; at += pieceBytes) splitter.take(bytes.subarray(at, at + pieceBytes));
  splitter.end();
  return read();
}

const SECOND = { kind: "column", column: 2, separator: "," } as const;
const COUNTRY = { kind: "name", name: "country", separator: "," } as const;

describe.each([Infinity, 1, 3, 7])("in pieces of %s bytes a Splitter", (pieceBytes) => {
  test.each<[string, Rule, string, Record<string, string>]>([
    ["finds a column", { key: SECOND }, "1,a\n2,b\n3,a\n", { a: "1,a\n3,a\n", b: "2,b\n" }],
    ["keeps the last line as it is", { key: SECOND }, "1,a,x\n2,a", { a: "1,a,x\n2,a" }],
    ["takes no return for a part of a key", { key: SECOND }, "1,a\r\n2,a\n3,a\r\n", {
      a: "1,a\r\n2,a\n3,a\r\n",
    }],
    ["passes over empty lines", { key: SECOND }, "\n1,a\n\r\n\n2,a\n\n", { a: "1,a\n2,a\n" }],
    ["gives a line without the column the empty key", { key: SECOND }, "1\n2,\n3,a\n", {
      "": "1\n2,\n",
      a: "3,a\n",
    }],
    ["has nothing of nothing", { key: SECOND, headerLines: 1 }, "", {}],
    ["has nothing of a header alone", { key: SECOND, headerLines: 2 }, "a\nb\n", {}],
    [
      "gives each key the header",
      { key: COUNTRY, headerLines: 2 },
      "# by me\nid,country\n1,NO\n2,SE\n3,NO\n",
      { NO: "# by me\nid,country\n1,NO\n3,NO\n", SE: "# by me\nid,country\n2,SE\n" },
    ],
    [
      "finds a column by its name in quotes, behind a mark of the byte order",
      { key: COUNTRY, headerLines: 1, format: "csv" },
      '\ufeff"country","a,b"\r\nNO,1\r\n',
      { NO: '\ufeff"country","a,b"\r\nNO,1\r\n' },
    ],
    [
      "keeps quoted line breaks together",
      { key: SECOND, format: "csv" },
      '"1\n2",a,"x\r\n"\n3,"b,""c""\n",4\n"5",a\n',
      { a: '"1\n2",a,"x\r\n"\n"5",a\n', 'b,"c"\n': '3,"b,""c""\n",4\n' },
    ],
    ["takes an empty cell in quotes for an empty key", { key: SECOND, format: "csv" }, '1,""\n2,\n', {
      "": '1,""\n2,\n',
    }],
    [
      "has other separators",
      { key: { ...SECOND, separator: ";" }, format: "csv" },
      '1,5;a\n2;"b;"',
      { a: "1,5;a\n", "b;": '2;"b;"' },
    ],
    ["has separators of several bytes", { key: { ...SECOND, separator: "::" } }, "1::a\n2::b\n", {
      a: "1::a\n",
      b: "2::b\n",
    }],
    ["has columns between blanks", { key: { kind: "column", column: 2 } }, " 1  a x\n2\tb\n", {
      a: " 1  a x\n",
      b: "2\tb\n",
    }],
    [
      "finds a JSON field",
      { key: { kind: "pointer", path: ["a", "b"] } },
      '{"a":{"b":"x"}}\n{"a":{"b":7}}\n{"a":1}\nno\n{"a":{"b":"x"},"c":"é"}\n',
      { x: '{"a":{"b":"x"}}\n{"a":{"b":"x"},"c":"é"}\n', 7: '{"a":{"b":7}}\n', "": '{"a":1}\nno\n' },
    ],
    ["finds a pattern", { key: { kind: "pattern", pattern: "^(\\w)" } }, "ab\nb\nac\n", {
      a: "ab\nac\n",
      b: "b\n",
    }],
    [
      "finds a pattern in a row of CSV",
      { key: { kind: "pattern", pattern: "[xy]" }, format: "csv" },
      '"1\n",x\n2,y\n',
      { x: '"1\n",x\n', y: "2,y\n" },
    ],
  ])("%s", (_, rule, input, expected) => {
    expect(split(rule, input, pieceBytes)).toEqual(expected);
  });
});

test.each<[string, Rule, string | Uint8Array, string]>([
  [
    "a column that is not there",
    { key: COUNTRY, headerLines: 1 },
    "id,contry\n1,NO\n",
    'the header has no column "country" (columns: id, contry)',
  ],
  [
    "two columns of one name",
    { key: COUNTRY, headerLines: 1 },
    "country,country\n",
    'the header has two columns "country" (expected one, or the number of the column)',
  ],
  [
    "a quote that is never closed",
    { key: SECOND, format: "csv" },
    '1,a\n2,"b\n3,c\n',
    'record 2 ("2,\\"b\\n3,c"): a quote is not closed (expected a second ")',
  ],
  [
    "a quote in a cell without quotes",
    { key: SECOND, format: "csv", headerLines: 1 },
    'x,y\n1,a\n2,5" disk\n',
    'record 3 ("2,5\\" disk"): a quote stands in a cell without quotes (expected the whole cell in quotes, and that quote twice)',
  ],
  [
    "what stands behind a closing quote",
    { key: SECOND, format: "csv" },
    '1,"a"b\n',
    'record 1 ("1,\\"a\\"b"): something stands behind a closing quote (expected a separator; a quote in quotes is written twice)',
  ],
  [
    "a key that is too long",
    { key: SECOND },
    `1,${"k".repeat(1025)}\n`,
    `record 1 ("1,${"k".repeat(58)}"…): its key has 1025 bytes (expected at most 1024)`,
  ],
  [
    "a record that is too long",
    { key: SECOND },
    Buffer.alloc(SPLIT_RECORD_BYTES_MAX + 1024 * 1024, "x"),
    `record 1 ("${"x".repeat(60)}"…): it is too long (expected at most 16 MiB)`,
  ],
])("a Splitter refuses %s, and names the record", (_, rule, input, problem) => {
  expect(() => split(rule, input, 256 * 1024)).toThrow(problem);
});

test("a Splitter refuses more keys than there may be", () => {
  const lines = Array.from({ length: SPLIT_KEYS_MAX + 1 }, (_, at) => `x,${at}\n`).join("");
  expect(() => split({ key: SECOND }, lines, 256 * 1024)).toThrow(
    `record ${SPLIT_KEYS_MAX + 1} ("x,${SPLIT_KEYS_MAX}"): there are more than ${SPLIT_KEYS_MAX} keys`,
  );
});

/** As one would write it without a thought of speed. */
function splitSlowly(text: string): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const key = line.trimEnd().split(",")[1] ?? "";
    texts[key] = (texts[key] ?? "") + line;
  }
  return texts;
}

test.each([1, 2, 3, 4])("a Splitter gives random lines exactly, more than it can hold (seed %i)", (seed) => {
  const random = makeRandom(seed, "split");
  const keys = 1 + random.int(0, 2999);
  let text = "";
  while (text.length < 1.5 * SPLIT_HELD_BYTES_MIN) {
    const length = random.int(0, random.chance(0.05) ? 5000 : 60);
    text += `${random.int(0, 999)},k${random.int(0, keys - 1)},${"é".repeat(length)}\n`;
  }
  if (seed % 2 === 0) text = text.slice(0, -1);
  expect(split({ key: SECOND }, text, random.int(1, 300_000))).toEqual(splitSlowly(text));
});
