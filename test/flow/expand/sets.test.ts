/** The sets of a flow: what their members are, and what is told when there are none. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { flowOf, messagesOf } from "../messages_of.ts";

const folder = mkdtempSync(join(tmpdir(), "test-of-sluice-sets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FILES: Readonly<Record<string, string>> = {
  "logs/b.gz": "",
  "logs/a.tar.gz": "",
  "logs/deep/er/c.gz": "",
  "logs/.hidden.gz": "",
  "logs/Z": "",
  "odd/a[1].txt": "",
  "odd/\u{10000}": "",
  "odd/\uff5e": "",
};
for (const [name, text] of Object.entries(FILES)) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** What an actor over the set is told: the key of each instance, and the text with its fields filled in. */
function members(set: object, text: string, params: object = {}): string[] {
  const flow = flowOf({ params, sets: { s: set }, actors: { a: { each: "s", value: text } } }, { folder });
  return [...flow.actors.values()].map(({ name, source }) => {
    return `${name}: ${source.kind === "value" ? new TextDecoder().decode(source.bytes) : ""}`;
  });
}

function mistakes(set: object, actor: object = { each: "s", value: "" }): string[] {
  return messagesOf({ sets: { s: set }, actors: { a: actor } }, { folder })
    .map((message) => message.replaceAll(folder, "DIR"));
}

describe("members are", () => {
  test.each<[string, object, string, string[]]>([
    [
      "files, sorted by the bytes of their paths",
      { files: "logs/**/*" },
      "{s.name} {s.stem} {s.ext} {s.dir}",
      [
        "a[logs/Z]: Z Z  logs",
        "a[logs/a.tar.gz]: a.tar.gz a tar.gz logs",
        "a[logs/b.gz]: b.gz b gz logs",
        "a[logs/deep/er/c.gz]: c.gz c gz logs/deep/er",
      ],
    ],
    ["files of several patterns, once each", { files: ["logs/*.gz", "logs/b*", "!logs/a*"] }, "{s}", [
      "a[logs/b.gz]: logs/b.gz",
    ]],
    ["files whose names look like patterns", { files: "odd/a[1].txt" }, "{s.path}", [
      "a[odd/a[1\\].txt]: odd/a[1].txt",
    ]],
    ["files in the order of bytes, not of UTF-16", { files: "odd/*" }, "{s.index}", [
      "a[odd/a[1\\].txt]: 0",
      "a[odd/\uff5e]: 1",
      "a[odd/\u{10000}]: 2",
    ]],
    ["files above the folder of the flow", { files: `../${folder.split("/").at(-1)}/logs/b*` }, "{s.stem}", [
      "a[logs/b.gz]: b",
    ]],
    ["files by another field", { files: "logs/*.gz", key: "stem" }, "{s.path}", [
      "a[a]: logs/a.tar.gz",
      "a[b]: logs/b.gz",
    ]],
    ["no files, when they are optional", { files: "nothing/*", optional: true }, "{s.path}", []],
    ["values", { values: ["warn", 7, true] }, "{s}{s.index}", [
      "a[warn]: warn0",
      "a[7]: 71",
      "a[true]: true2",
    ]],
    ["objects", { values: [{ n: "x", o: [1] }, { n: "y", o: null }] }, "{s} {s.o}", [
      "a[x]: x [1]",
      "a[y]: y null",
    ]],
    ["values with keys that need an escape", { values: ["a,b", "a]", "\\", "l\nm\u0007"] }, "", [
      "a[a\\,b]: ",
      "a[a\\]]: ",
      "a[\\\\]: ",
      "a[l\\nm\\u0007]: ",
    ]],
    ["numbers by their place", { values: ["x", "x"], key: "index" }, "{s}", ["a[0]: x", "a[1]: x"]],
    ["a range", { range: [8, 10] }, "{s}", ["a[8]: 8", "a[9]: 9", "a[10]: 10"]],
    ["a range of fractions, both ends in it", { range: [0.1, 0.4, 0.1] }, "{s}", [
      "a[0.1]: 0.1",
      "a[0.2]: 0.2",
      "a[0.3]: 0.3",
      "a[0.4]: 0.4",
    ]],
    ["a range downwards", { range: [2, -1, -2] }, "{s}", ["a[2]: 2", "a[0]: 0"]],
  ])("%s", (_, set, text, expected) => expect(members(set, text)).toEqual(expected));

  test("made with parameters", () => {
    const params = { p: { default: "b*" } };
    expect(members({ files: "logs/{param.p}" }, "{s.name}", params)).toEqual(["a[logs/b.gz]: b.gz"]);
    expect(members({ values: ["{param.p}", { n: "{param.p}c" }] }, "{s}", params)).toEqual([
      "a[b*]: b*",
      "a[b*c]: b*c",
    ]);
  });
});

describe("checkFlow() reports a set", () => {
  test.each<[object, string]>([
    [
      {},
      'sets.s: Cannot tell what set "s" is: it has none of the keys that say so (expected exactly one of files, values, range)',
    ],
    [
      { values: ["a"], range: [1, 2] },
      'sets.s: Cannot tell what set "s" is: it has values and range (expected exactly one of files, values, range)',
    ],
    [{ fils: "*" }, 'sets.s.fils: Cannot use key "fils": a set has no such key (did you mean "files"?)'],
    [
      { files: "none/*.gz" },
      'sets.s.files: Cannot fill set "s": no file in "DIR" matches "none/*.gz" (expected at least one, or "optional": true)',
    ],
    [
      { values: [] },
      'sets.s.values: Cannot read "values": it is an empty list (expected a list of strings, numbers, booleans or objects such as ["warn", "error"])',
    ],
    [
      { values: ["a", ["b"]] },
      'sets.s.values[1]: Cannot read "values[1]": it is a list (expected a list of strings, numbers, booleans or objects such as ["warn", "error"])',
    ],
    [
      { values: ["1", 1] },
      'sets.s: Cannot name the members of set "s": value 1 and value 2 are both "1" (expected different ones, or such as "key": "index")',
    ],
    [
      { values: [{ a: 1 }], key: "b" },
      'sets.s.key: Cannot name the members of set "s" by "b": they have no such field (expected one of a, index)',
    ],
    [{ values: ["a\0"] }, 'sets.s: Cannot use set "s": value 1 has a NUL character (expected none)'],
    [
      { values: ["a"], optional: true },
      'sets.s.optional: Cannot use "optional" on set "s": what it names is always there',
    ],
    [{ range: [1, 2, 0] }, 'sets.s.range: Cannot count set "s": its step is 0 (expected another number)'],
    [
      { range: [2, 1] },
      'sets.s.range: Cannot count set "s": no step of 1 leads from 2 to 1 (expected such as [2, 1, -1])',
    ],
    [
      { range: [0, 1e9] },
      'sets.s.range: Cannot count set "s": it has 1000000001 numbers (expected at most 1000000)',
    ],
  ])("%j", (set, message) => expect(mistakes(set)).toEqual([message]));

  test("over a stream, which is not known yet", () => {
    expect(mistakes({ stream: "a" })).toEqual([
      'sets.s.stream: Cannot use key "stream": a set has no such key (expected one of files, values, range, key, optional, explain)',
      'sets.s: Cannot tell what set "s" is: it has none of the keys that say so (expected exactly one of files, values, range)',
    ]);
  });

  test("whose name means something else", () => {
    expect(messagesOf({ sets: { in: { range: [1, 2] } }, actors: { a: { value: "" } } })).toEqual([
      'sets.in: Cannot name a set "in": {in} means something else (expected another name)',
    ]);
  });

  test("a field that one member lacks, where it is used", () => {
    expect(mistakes({ values: [{ id: 1, a: 1 }, { id: 2 }] }, { each: "s", run: ["x", "{s.a}"] })).toEqual([
      'actors.a.run[1]: Cannot fill "{s.a}": value 2 has no "a" (expected it in each member of set "s"), as "a[2]"',
    ]);
  });
});
