/** What is wrong with sets of a stream, and with actors over them, before anything runs. */
import { expect, test } from "vitest";
import { ALL_ROOMS } from "../../../lib/flow/check/all_rooms.ts";
import { checkFlow } from "../../../lib/flow/check/check_flow.ts";
import { parseMember } from "../../../lib/flow/expand/member.ts";
import { planFlow } from "../../../lib/graph/plan_flow.ts";

const SETS = { n: { stream: "seq" }, v: { values: ["a"] } };
const SEQ = { run: ["seq", "2"] };

function messagesOf(flow: object): readonly string[] {
  const checked = checkFlow({ sets: SETS, ...flow }, { folder: "/", rooms: ALL_ROOMS });
  if (!checked.ok) return checked.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  const planned = planFlow(checked.flow);
  return planned.ok ? [] : planned.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

test.each([
  [
    "a stream that is not there",
    { sets: { n: { stream: "sq" } }, actors: { seq: SEQ, a: { each: "n", run: ["x"] } } },
    'sets.n.stream: Cannot connect "sq": there is no actor or alias "sq" (did you mean "seq"?)',
  ],
  [
    "another set of a stream beside it",
    {
      sets: { ...SETS, m: { stream: "seq" } },
      actors: { seq: SEQ, a: { each: ["v", "n", "m"], run: ["x"] } },
    },
    'actors.a.each: Cannot make instances of actor "a": sets "n" and "m" are both of streams (expected one of them)',
  ],
  [
    "too many members beside it",
    {
      sets: { ...SETS, many: { range: [1, 101] } },
      actors: { seq: SEQ, a: { each: ["n", "many"], run: ["x"] } },
    },
    'actors.a.each: Cannot make instances of actor "a": there would be 101, 101 of "many" for each record of a stream (expected at most 100)',
  ],
  [
    "a field that another set beside it does not have",
    { actors: { seq: SEQ, a: { each: ["n", "v"], run: ["x", "{v.nam}"] } } },
    'actors.a.run.1: Cannot fill "{v.nam}": set "v" has no field "nam" (expected one of index)',
  ],
  [
    "a file for some of the sets",
    { actors: { seq: SEQ, a: { each: ["n", "v"], run: ["x"] } }, out: { "{n}.txt": "a" } },
    'out.{n}.txt: Cannot write "{n}.txt": it is a file for each member of "n", and actor "a" is over "n" and "v" (expected the same sets)',
  ],
  [
    "a file for each member of two sets of streams",
    {
      sets: { ...SETS, m: { stream: "seq" } },
      actors: { seq: SEQ, a: { each: "n", run: ["x"] }, b: { each: "m", run: ["x"] } },
      out: { "{n}-{m}.txt": "a" },
    },
    'out.{n}-{m}.txt: Cannot write "{n}-{m}.txt": sets "n" and "m" are both of streams (expected one of them)',
  ],
  [
    "standard input",
    { actors: { seq: SEQ, a: { each: "n", stdin: true } } },
    'actors.a.each: Cannot use "each" on actor "a": set "n" is of a stream, and it is no process (expected run or sh)',
  ],
  [
    "a value that no argument can be",
    { actors: { seq: SEQ, a: { each: "n", value: "{n}\0" } } },
    'actors.a.value: Cannot use "value" on actor "a": a NUL character is in it, and it is over a set of a stream (expected none)',
  ],
  [
    "keep",
    { actors: { seq: SEQ, a: { each: "n", run: ["x"], keep: true } } },
    'actors.a.keep: Cannot use "keep" on actor "a": it is over set "n" of a stream, and each of its members is forgotten when it has ended (expected it without)',
  ],
  [
    "workers",
    { actors: { seq: SEQ, a: { each: "n", run: ["x"], in: "seq", workers: 2 } } },
    'actors.a.workers: Cannot use "workers" on actor "a": it is over set "n" of a stream, and each record has a process of its own (expected it without)',
  ],
  [
    "a stream that is made of its own members",
    { actors: { seq: { ...SEQ, in: "a" }, a: { each: "n", run: ["x", "{n}"] } } },
    'actors.seq.in: Cannot order actor "seq": it waits for its own output, seq -> a -> seq (expected no cycle)',
  ],
  [
    "a stream of a member and one of all on one input",
    {
      actors: {
        seq: SEQ,
        a: { each: "n", run: ["x"] },
        c: { each: "n", run: ["x"], in: ["a", "seq"] },
      },
    },
    'actors.c.in: Cannot join streams on input "stdin" of actor "c": actor "a" is over the same set of a stream, and another one is not (expected an input of its own for each)',
  ],
  [
    "a member that would read what has ended long ago",
    {
      actors: {
        seq: SEQ,
        a: { each: "n", run: ["x"] },
        all: { run: ["x"], in: "a" },
        b: { each: "n", run: ["x"], in: { stdin: "a", all: "all" } },
      },
    },
    'actors.b.in: Cannot give actor "b" what its own member of "a" writes: it also reads what comes of all of them (expected one of the two)',
  ],
  [
    "an instance by its name",
    { actors: { seq: SEQ, a: { each: "n", run: ["x"] }, b: { run: ["x"], in: "a[1]" } } },
    'actors.b.in: Cannot connect "a[1]": set "n" is of a stream, whose members nobody knows yet (expected "a", which is all of them)',
  ],
  [
    "a file for each member of what is not over the set",
    { actors: { seq: SEQ, a: { each: "n", run: ["x"] } }, out: { "{n}.txt": "seq", "-": "a" } },
    'out.{n}.txt: Cannot write "{n}.txt": it is a file for each member of set "n" of a stream (expected one stream of an actor over that set)',
  ],
  [
    "an order of members that are known before",
    { sets: { n: { values: ["a"], order: "any" } }, actors: { seq: SEQ, a: { each: "n", run: ["x"] } } },
    'sets.n.order: Cannot use "order" on set "n": its members are known before the flow runs',
  ],
])("checkFlow() and planFlow() report %s", (_, flow, message) => expect(messagesOf(flow)).toEqual([message]));

test("planFlow() says why an instance over a stream cannot be selected", () => {
  const checked = checkFlow({ sets: SETS, actors: { seq: SEQ, a: { each: "n", run: ["x"] } } }, {
    folder: "/",
    rooms: ALL_ROOMS,
  });
  if (!checked.ok) throw new Error("no flow");
  const planned = planFlow(checked.flow, { selection: { kind: "only", actors: ["a[1]"] } });
  expect(planned.ok ? [] : planned.issues.map(({ message }) => message)).toEqual([
    'Cannot select "a[1]": the members of set "n" come while the flow runs (expected "a", which is all of them)',
  ]);
});

test("numbers of JSON records are as they are written", () => {
  const member = parseMember('{"a":2305843009213693951,"b":{"a":1},"c":1.50}', "");
  expect([...member.fields]).toEqual([["a", "2305843009213693951"], ["b", '{"a":1}'], ["c", "1.50"]]);
});

// seq ─▶ a[…] ─▶ all ─▶ b[…]: b reads what comes of all members, so it takes the records once more
test("planFlow() parts the actors over a set by who reads all of them", () => {
  const checked = checkFlow({
    sets: SETS,
    actors: {
      seq: SEQ,
      a: { each: "n", run: ["x"] },
      a2: { each: "n", run: ["x"], in: "a" },
      all: { run: ["x"], in: "a2" },
      b: { each: "n", run: ["x"], in: "all" },
    },
  }, { folder: "/", rooms: ALL_ROOMS });
  const planned = checked.ok ? planFlow(checked.flow, { processes: 5 }) : undefined;
  if (planned?.ok !== true) throw new Error("no plan");
  expect(planned.plan.memberPools.map(({ actors, count }) => [actors.map(({ name }) => name), count]))
    .toEqual([[["a", "a2"], 2], [["b"], 5]]);
  const records = planned.plan.joins.filter(({ to }) => to.kind === "actor" && to.port === "{n}");
  expect(records.map(({ to }) => to.kind === "actor" && to.actor)).toEqual(["a", "b"]);
});
