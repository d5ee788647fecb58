/** Flows that are used for each record of a stream: what comes of them, and what they cannot be. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadFlow } from "../../../lib/flow/load_flow.ts";
import { planFlow } from "../../../lib/graph/plan_flow.ts";
import { load, write } from "./use_rig.ts";

const SEQ = { run: ["seq", "3"] };
const SETS = { n: { stream: "seq" } };
/** `a` reads its input, `b` what `a` writes; `note` is a text with its parameter. */
const INNER = {
  params: { n: { type: "integer" } },
  actors: {
    text: { stdin: true },
    note: { value: "note {param.n}" },
    a: { run: ["cat", "-", "{in.note}"], in: { stdin: "text", note: "note" } },
    b: { run: ["sed", "s/^/{param.n} /"], in: "a", cache: true },
  },
  out: "b",
};
const OUTER = {
  sets: SETS,
  actors: {
    seq: SEQ,
    raw: { value: "x" },
    it: { each: "n", use: "inner.json", in: "raw", with: { n: "{n}" } },
  },
};

// seq, raw ─▶ it[n] = ( note ─▶ a ─▶ b )
test("its actors are patterns over the set, and each record's are made of its own parameters", async () => {
  const { flow } = await load(OUTER, { files: { "inner.json": INNER } });
  expect([...flow.actors.values()].map(({ name, members, isCached, inputs }) => ({
    name,
    set: members?.set,
    cached: members?.isCached ?? isCached,
    inputs: inputs.map((port) => `${port.name}: ${port.streams.map(({ actor }) => actor).join()}`),
  }))).toEqual([
    { name: "seq", set: undefined, cached: undefined, inputs: [] },
    { name: "raw", set: undefined, cached: undefined, inputs: [] },
    { name: "it/note", set: "n", cached: undefined, inputs: ["{n}: seq"] },
    { name: "it/a", set: "n", cached: undefined, inputs: ["stdin: raw", "note: it/note", "{n}: seq"] },
    { name: "it/b", set: "n", cached: true, inputs: ["stdin: it/a", "{n}: seq"] },
  ]);
  const made = flow.actors.get("it/b")?.members?.make({ text: "7" }, 0);
  expect(made).toMatchObject({
    ok: true,
    actor: { name: "it[7]/b", source: { argv: ["sed", "s/^/7 /"] }, isCached: true },
  });
  // A value is what a small process writes.
  expect(flow.actors.get("it/note")?.members?.make({ text: "8" }, 1)).toMatchObject({
    ok: true,
    actor: { name: "it[8]/note", source: { argv: ["printf", "%s", "note 8"] } },
  });
  expect(flow.actors.get("it/b")?.members?.make({ text: "x" }, 2)).toEqual({
    ok: false,
    name: "it[x]",
    problem: 'Cannot set parameter "n": "x" is no number (expected such as 12 or 0.5)',
  });
  expect(planFlow(flow)).toMatchObject({ ok: true, plan: { memberPools: [{ set: "n", count: 1 }] } });
});

test("it is checked once where no parameter is made of the record", async () => {
  const { flow } = await load({
    ...OUTER,
    actors: { ...OUTER.actors, it: { ...OUTER.actors.it, with: { n: 5 } } },
  }, {
    files: { "inner.json": INNER },
  });
  expect(flow.actors.get("it/b")?.members?.make({ text: "x" }, 2)).toMatchObject({
    actor: { name: "it[x]/b", source: { argv: ["sed", "s/^/5 /"] } },
  });
});

test("several streams of one port are put together for each record", async () => {
  const inner = { actors: { stdout: { run: ["a"] }, b: { run: ["b"] } }, ports: { both: ["b", "stdout"] } };
  const { flow } = await load({
    sets: SETS,
    actors: { seq: SEQ, it: { each: "n", use: "i.json" }, all: { run: ["cat"], in: ["it", "it.both"] } },
  }, { files: { "i.json": { ...inner, out: ["stdout", "b"] } } });
  expect(
    [...flow.actors].map(([name, { inputs }]) => [name, inputs[0]?.streams.map(({ actor }) => actor).join()]),
  )
    .toEqual([
      ["seq", undefined],
      ["it/stdout", "seq"],
      ["it/b", "seq"],
      ["it/stdout-all", "it/stdout,it/b"],
      ["it/both", "it/b,it/stdout"],
      ["all", "it/stdout-all,it/both"],
    ]);
});

const FROM_TEXT = { text: { stdin: true }, a: { run: ["cat"], in: "text" } };
test.each<[string, { inner: object; it?: object; other?: object; out?: object }, string]>([
  [
    "workers",
    { inner: { actors: { ...FROM_TEXT, w: { run: ["cat"], in: "a", workers: 2 } } } },
    'actors.it.use: Cannot use "inner.json" as actor "it" for each record of set "n": its actor "w" has workers, and each record has processes of its own (expected it without)',
  ],
  [
    "a split",
    {
      inner: {
        actors: { ...FROM_TEXT, w: { split: { key: { column: 1 } }, in: "a" } },
        out: { "{key}": "w" },
      },
    },
    'actors.it.use: Cannot use "inner.json" as actor "it" for each record of set "n": its actor "w" splits what it reads (expected a "split" outside, and its keys for a set)',
  ],
  [
    "records of its own",
    { inner: { sets: { m: { stream: "a" } }, actors: { ...FROM_TEXT, w: { each: "m", run: ["x"] } } } },
    'actors.it.use: Cannot use "inner.json" as actor "it" for each record of set "n": its actor "w" is over the records of a stream itself (expected "run": ["sluice", FLOW] instead of "use")',
  ],
  [
    "what is kept",
    { inner: { actors: { ...FROM_TEXT, w: { run: ["cat"], in: "a", keep: true } } } },
    'actors.it.use: Cannot use "inner.json" as actor "it" for each record of set "n": its actor "w" has "keep", and what has ended is forgotten (expected it without)',
  ],
  [
    "too many actors",
    {
      inner: {
        sets: { v: { range: [1, 100] } },
        actors: { ...FROM_TEXT, w: { each: "v", run: ["x", "{v}"], in: "a" } },
      },
    },
    'actors.it.use: Cannot use "inner.json" as actor "it" for each record of set "n": all of its 102 actors run together for a record (expected at most 100)',
  ],
  [
    "a port that is its input",
    { inner: { actors: FROM_TEXT, ports: { same: "text" }, out: "a" } },
    'actors.it.use: Cannot use "inner.json" as actor "it" for each record of set "n": its port "same" is its input "text" (expected what an actor of it writes)',
  ],
  [
    "one file for all records",
    { inner: { params: { n: {} }, actors: FROM_TEXT, out: { "one.txt": "a" } }, it: { with: { n: "{n}" } } },
    'actors.it.use: Cannot use "inner.json" as actor "it" for each record of set "n": it would write "one.txt" for each of them (expected a parameter in the name that is another one for each record)',
  ],
  [
    "two files of one stream",
    {
      inner: { params: { n: {} }, actors: FROM_TEXT, out: { "{param.n}.a": "a", "{param.n}.b": "a" } },
      it: { with: { n: "{n}" } },
    },
    'actors.it.use: Cannot use "inner.json" as actor "it" for each record of set "n": what it writes to "{param.n}.b", "a", goes into "{param.n}.a" already (expected one file for each)',
  ],
  [
    "sets that depend on the record",
    {
      inner: {
        params: { n: {} },
        sets: { f: { files: "{param.n}/*" } },
        actors: { ...FROM_TEXT, w: { each: "f", file: "{f.path}" } },
      },
      it: { with: { n: "{n}" } },
    },
    'sets.f.files: Cannot fill "{param.n}": the parameter is another one for each record of a stream, and which members there are is known before (expected another one)',
  ],
  [
    "sets that depend on the record, in a flow that it uses",
    {
      inner: {
        params: { n: {} },
        actors: { ...FROM_TEXT, w: { use: "deep.json", with: { dir: "x{param.n}" } } },
      },
      it: { with: { n: "{n}" } },
    },
    'sets.f.files: Cannot fill "{param.dir}": the parameter is another one for each record of a stream, and which members there are is known before (expected another one)',
  ],
  [
    "retry of the whole",
    { inner: { actors: FROM_TEXT }, it: { retry: 2 } },
    'actors.it.retry: Cannot run actor "it" again as a whole: it is over the records of a stream (expected "retry" at the actors inside)',
  ],
  [
    "what all records read beside what is a record's own",
    { inner: { actors: { ...FROM_TEXT, b: { run: ["cat"], in: ["text", "a"] } } } },
    'actors.it.in: Cannot join streams on input "stdin" of actor "it/b": some of them are of its own record of set "n", and others are not (expected an input of its own for each)',
  ],
])("%s cannot be for each record", async (_, { inner, it = {} }, message) => {
  const deep = {
    params: { dir: {} },
    sets: { f: { files: "{param.dir}/*" } },
    actors: { w: { each: "f", file: "{f.path}" } },
  };
  const folder = write({
    "inner.json": inner,
    "deep.json": deep,
    "flow.json": {
      sets: SETS,
      actors: { seq: SEQ, raw: { value: "x" }, it: { each: "n", use: "inner.json", in: "raw", ...it } },
    },
  });
  const loaded = await loadFlow(join(folder, "flow.json"));
  const told = loaded.ok
    ? []
    : loaded.issues.map(({ path, message }) =>
      `${path.join(".")}: ${message.replaceAll(/"[^" ]*inner\.json"/g, '"inner.json"')}`
    );
  expect(told).toEqual([message]);
});
