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
  "sites.csv": '\ufeffname,url\r\nada,"https://a/?x=1,2"\r\n"b ""q""",http://b\r\n\r\n',
  "sites.tsv": 'name\turl\nx\t"y\n',
  "sites.ndjson": '{"name":"ada","port":80,"tags":["a"]}\n\n{"name":"bob","port":81,"tags":[]}\n',
  "plain.jsonl": '"a"\n2\n',
  "header.csv": "name,url\n",
  "empty.csv": "",
  "ragged.csv": "a,b\n1,2\n3\n",
  "quote.csv": 'a,b\n1,"2\n',
  "behind.csv": 'a,b\n1,"2"3\n',
  "twice.csv": "a,a\n1,2\n",
  "unnamed.csv": "a,\n1,2\n",
  "same.csv": "kind,id\nx,1\nx,2\n",
  "all_same.csv": "kind\nx\nx\n",
  "broken.ndjson": '{"a":1}\n{"a"\n',
  "gaps.ndjson": '{"id":1,"a":1}\n{"id":2}\n',
  "table.dat": "a\n1\n",
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
    ["rows of CSV", { table: "sites.csv" }, "{s.url}", ["a[ada]: https://a/?x=1,2", 'a[b "q"]: http://b']],
    ["rows of CSV by another column", { table: "sites.csv", key: "url" }, "{s.name}", [
      "a[https://a/?x=1\\,2]: ada",
      'a[http://b]: b "q"',
    ]],
    ["rows of TSV, where a quote is a character", { table: "sites.tsv" }, "{s.url}", ['a[x]: "y']],
    ["lines of NDJSON", { table: "sites.ndjson" }, "{s.port} {s.tags}", [
      'a[ada]: 80 ["a"]',
      "a[bob]: 81 []",
    ]],
    ["plain lines of NDJSON", { table: "plain.jsonl" }, "{s}", ["a[a]: a", "a[2]: 2"]],
    ["a table of another name", { table: "table.dat", format: "csv" }, "{s.a}", ["a[1]: 1"]],
    ["no rows, when they are optional", { table: "header.csv", optional: true }, "{s.url}", []],
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
      'sets.s: Cannot tell what set "s" is: it has none of the keys that say so (expected exactly one of files, values, range, table, stream, keys)',
    ],
    [
      { values: ["a"], range: [1, 2] },
      'sets.s: Cannot tell what set "s" is: it has values and range (expected exactly one of files, values, range, table, stream, keys)',
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
    [{ values: ["a"], format: "csv" }, 'sets.s.format: Cannot use "format" on set "s": it is no table'],
    [{ range: [1, 2, 0] }, 'sets.s.range: Cannot count set "s": its step is 0 (expected another number)'],
    [
      { range: [2, 1] },
      'sets.s.range: Cannot count set "s": no step of 1 leads from 2 to 1 (expected such as [2, 1, -1])',
    ],
    [
      { range: [0, 1e9] },
      'sets.s.range: Cannot count set "s": it has 1000000001 numbers (expected at most 1000000)',
    ],
    [
      { table: "none.csv" },
      'sets.s.table: Cannot read table "none.csv" of set "s": there is no such file (expected a file that exists)',
    ],
    [
      { table: "logs" },
      'sets.s.table: Cannot read table "logs" of set "s": its name does not tell what it is (expected .csv, .tsv, .ndjson or .jsonl, or such as "format": "csv")',
    ],
    [
      { table: "logs", format: "csv" },
      'sets.s.table: Cannot read table "logs" of set "s": it is a folder (expected a file)',
    ],
    [
      { table: "empty.csv" },
      'sets.s.table: Cannot read table "empty.csv" of set "s": it is empty (expected a line with the names of its columns, then rows)',
    ],
    [
      { table: "header.csv" },
      'sets.s.table: Cannot fill set "s": table "header.csv" has no rows (expected at least one, or "optional": true)',
    ],
    [
      { table: "ragged.csv" },
      'sets.s.table: Cannot read table "ragged.csv" of set "s": line 3 has 1 column (expected 2, as in its header)',
    ],
    [
      { table: "quote.csv" },
      'sets.s.table: Cannot read table "quote.csv" of set "s": line 2 is no CSV: a quote is not closed (expected a second ")',
    ],
    [
      { table: "behind.csv" },
      'sets.s.table: Cannot read table "behind.csv" of set "s": line 2 is no CSV: something stands behind a closing quote (expected a comma; a quote in quotes is written twice)',
    ],
    [
      { table: "twice.csv" },
      'sets.s.table: Cannot read table "twice.csv" of set "s": two columns are called "a" (expected a header with different names)',
    ],
    [
      { table: "unnamed.csv" },
      'sets.s.table: Cannot read table "unnamed.csv" of set "s": column 2 has no name (expected a header in the first line)',
    ],
    [
      { table: "same.csv" },
      'sets.s: Cannot name the members of set "s": line 2 of "same.csv" and line 3 of "same.csv" are both "x" (expected different ones, or such as "key": "id")',
    ],
    [
      { table: "all_same.csv" },
      'sets.s: Cannot name the members of set "s": line 2 of "all_same.csv" and line 3 of "all_same.csv" are both "x" (expected different ones, or such as "key": "index")',
    ],
    [
      { table: "broken.ndjson" },
      'sets.s.table: Cannot read table "broken.ndjson" of set "s": line 2 is no JSON (expected one value a line)',
    ],
    [
      { table: "gaps.ndjson", key: "a" },
      'sets.s.key: Cannot name the members of set "s": line 2 of "gaps.ndjson" has no "a" (expected "key": a field that all have, or "index")',
    ],
  ])("%j", (set, message) => expect(mistakes(set)).toEqual([message]));

  test("of the records of its own actor", () => {
    expect(mistakes({ stream: "a" })).toEqual([
      'actors.a.in: Cannot order actor "a": it waits for its own output, a -> a (expected no cycle)',
    ]);
  });

  test("whose name means something else", () => {
    expect(messagesOf({ sets: { in: { range: [1, 2] } }, actors: { a: { value: "" } } })).toEqual([
      'sets.in: Cannot name a set "in": {in} means something else (expected another name)',
    ]);
  });

  test("a field that one member lacks, where it is used", () => {
    expect(mistakes({ table: "gaps.ndjson" }, { each: "s", run: ["x", "{s.a}"] })).toEqual([
      'actors.a.run[1]: Cannot fill "{s.a}": line 2 of "gaps.ndjson" has no "a" (expected it in each member of set "s"), as "a[2]"',
    ]);
  });
});
