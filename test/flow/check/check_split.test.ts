/** What is wrong with actors that split by key, and with what reads of them, before anything runs. */
import { expect, test } from "vitest";
import { streamName } from "../../../lib/core/flow.ts";
import { instanceName, keyIn } from "../../../lib/core/instance.ts";
import { planFlow } from "../../../lib/graph/plan_flow.ts";
import { flowOf, messagesOf } from "../messages_of.ts";

const SRC = { value: "a,b\n" };
const rows = { split: { key: { column: "b" } }, in: "src" };
const out = { "by/{key}.csv": "rows" };

function withSplit(split: object, more: object = {}): object {
  return { actors: { src: SRC, rows: { split, in: "src", ...more } }, out };
}

test.each([
  [
    "no key",
    withSplit({}),
    'actors.rows.split: Cannot read "split": it has no key "key" (expected an object such as {"key": {"column": "country"}, "format": "csv"})',
  ],
  [
    "an unknown key",
    withSplit({ key: 1, heaader: 1 }),
    'actors.rows.split.heaader: Cannot use key "heaader": "split" has no such key (did you mean "header"?)',
  ],
  [
    "nothing to read",
    { actors: { rows: { split: { key: 1 } } }, out },
    'actors.rows: Cannot split by actor "rows": it reads nothing (expected "in": a stream)',
  ],
  [
    "another input than stdin",
    withSplit({ key: 1 }, { in: { left: "src" } }),
    'actors.rows.in.left: Cannot give input "left" to actor "rows": it splits one (expected "stdin")',
  ],
  [
    "a file for its input",
    withSplit({ key: 1 }, { in: { stdin: { from: "src", as: "file" } } }),
    'actors.rows.in.stdin: Cannot give a file to actor "rows": it splits what comes (expected a stream)',
  ],
  [
    "a key of processes",
    withSplit({ key: 1 }, { retry: 2 }),
    'actors.rows.retry: Cannot use "retry" on actor "rows": only a process (run, sh) can be run again',
  ],
  [
    "each",
    { sets: { n: { values: [1] } }, ...withSplit({ key: 1 }, { each: "n" }) },
    'actors.rows.each: Cannot use "each" on actor "rows": it splits by keys of its own (expected it without)',
  ],
  [
    "a column by its name without a header",
    withSplit({ key: { column: "b" }, header: 0 }),
    'actors.rows.split.header: Cannot find column "b": there is no header (expected "header": 1, or the number of the column)',
  ],
  [
    "JSON in CSV",
    withSplit({ key: "/b", format: "csv" }),
    'actors.rows.split.key: Cannot find a JSON pointer in CSV (expected a column, or "format": "lines")',
  ],
  [
    "a separator of CSV that is none",
    withSplit({ key: { column: 2, separator: "::" }, format: "csv" }),
    'actors.rows.split.key.separator: Cannot separate columns of CSV by "::" (expected one byte such as ";", not a quote)',
  ],
  [
    "a pattern that is none",
    withSplit({ key: { pattern: "(" } }),
    /^actors\.rows\.split\.key\.pattern: Cannot read "pattern": /,
  ],
  [
    "a reader of all of it",
    { actors: { src: SRC, rows, a: { run: ["cat"], in: "rows" } }, out: "a" },
    'actors.a.in: Cannot connect "rows": it splits what it reads, and is a stream for each key (expected one of them, such as "rows[KEY]"; a file for each, "out": {"rows/{key}": "rows"}; or what it reads)',
  ],
  [
    "standard output",
    { actors: { src: SRC, rows }, out: "rows" },
    /^out: Cannot connect "rows": it splits/,
  ],
  [
    "standard output, because nobody reads it",
    { actors: { src: SRC, rows } },
    /^out: Cannot connect "rows": it splits/,
  ],
  [
    "a file for all keys",
    { actors: { src: SRC, rows }, out: { "all.csv": "rows" } },
    /^out\["all\.csv"\]: Cannot connect "rows": it splits/,
  ],
  [
    "a port of its flow",
    { actors: { src: SRC, rows }, ports: { all: "rows" }, out },
    /^ports\.all: Cannot connect "rows": it splits/,
  ],
  [
    "a set of its lines",
    { sets: { n: { stream: "rows" } }, actors: { src: SRC, rows, a: { each: "n", run: ["x", "{n}"] } } },
    /^sets\.n\.stream: Cannot connect "rows": it splits/,
  ],
  [
    "a file for each key of what is not split",
    { actors: { src: SRC }, out: { "by/{key}": "src" } },
    'out["by/{key}"]: Cannot fill "{key}" in "by/{key}": what is written there is not split by key (expected one actor with "split")',
  ],
  [
    "two that are split in one file",
    { actors: { src: SRC, rows, more: rows }, out: { "by/{key.index}": ["rows", "more"] } },
    /^out\["by\/\{key\.index\}"\]: Cannot fill "\{key\.index\}"/,
  ],
  [
    "a set of the keys of what is not split",
    { sets: { n: { keys: "src" } }, actors: { src: SRC, rows, a: { each: "n", run: ["x", "{n}"] } }, out },
    'sets.n.keys: Cannot fill set "n" with the keys of "src": there is no such split (expected one of rows)',
  ],
  [
    "a set of keys that is called otherwise",
    { sets: { n: { keys: "rows", key: "id" } }, actors: { src: SRC, rows, a: { each: "n", run: ["x"] } } },
    'sets.n.key: Cannot name the members of set "n" by "id": they are keys (expected "index", or none)',
  ],
  [
    "the records of a key beside others",
    {
      sets: { n: { keys: "rows" } },
      actors: { src: SRC, rows, a: { each: "n", run: ["x"], in: ["rows", "src"] } },
    },
    'actors.a.in: Cannot join streams on input "stdin" of actor "a": actor "rows" gives each its own key (expected it alone there, or an input of its own for each)',
  ],
  [
    "all records in an instance for each key of another",
    {
      sets: { n: { keys: "rows" } },
      actors: { src: SRC, rows, more: rows, a: { each: "n", run: ["x"], in: "more" } },
    },
    /^actors\.a\.in: Cannot connect "more": it splits/,
  ],
  [
    "a set beside the key",
    { sets: { n: { values: [1] } }, actors: { src: SRC, rows }, out: { "{n}/{key}": "rows" } },
    'out["{n}/{key}"]: Cannot write "{n}/{key}": it names a set beside "{key}" (expected one of the two)',
  ],
])("checkFlow() refuses %s", (_, flow, message) => {
  expect(messagesOf(flow)).toEqual([typeof message === "string" ? message : expect.stringMatching(message)]);
});

test("planFlow() refuses to select what has no stream of its own", () => {
  const planned = planFlow(flowOf({ actors: { src: SRC, rows }, out }), {
    selection: { kind: "only", actors: ["rows"] },
  });
  expect(planned.ok ? [] : planned.issues.map(({ message }) => message)).toEqual([
    'Cannot select "rows": it splits what it reads, and writes nothing to standard output (expected what it reads, or what reads of it)',
  ]);
});

// src ─▶ rows ─▶ [a,b] ─▶ x, [NO] ─▶ y, x
test("checkFlow() takes the streams of keys, each once however it is written", () => {
  const flow = flowOf({
    actors: { src: SRC, rows, x: { run: ["cat"], in: ["rows[a,b]", "rows[NO]", "rows[a\\,b]"] } },
    aliases: { ".end": ["x", "rows[NO]"] },
  });
  expect(flow.actors.get("x")?.inputs[0]?.streams.map(streamName)).toEqual([
    "rows[a\\,b]",
    "rows[NO]",
    "rows[a\\,b]",
  ]);
  expect(flow.outputs.map(({ streams }) => streams.map(streamName))).toEqual([["x", "rows[NO]"]]);
});

test.each(["", "NO", "a,b", "x]y", "back\\slash", "tab\t", "line\n", "\u202e", "é[ü]"])(
  "keyIn() reads the key %j of what instanceName() makes",
  (key) => expect(keyIn(instanceName("rows", [key]))).toBe(key),
);

// src ─▶ rows ─▶ by/{key}.csv, {key.index}/{key}
test("planFlow() gives a split its files, and all that it reads through the engine", () => {
  const planned = planFlow(
    flowOf({ actors: { src: SRC, rows }, out: { ...out, "{key.index}/{key}": "rows" } }),
  );
  if (!planned.ok) throw new Error("no plan");
  const { plan: { splits, outputs, edges } } = planned;
  expect({ outputs, carriers: edges.map(({ carrier, reason }) => [carrier, reason]) }).toEqual({
    outputs: [],
    carriers: [["relay", "split by key"]],
  });
  expect(splits.map(({ actor, files }) => [actor.name, files.map(({ keyed }) => keyed)])).toEqual([["rows", [
    ["/flows/by/", { of: "key" }, ".csv"],
    ["/flows/", { of: "index" }, "/", { of: "key" }],
  ]]]);
});
