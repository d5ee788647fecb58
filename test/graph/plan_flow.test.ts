import { expect, test } from "vitest";
import type { Plan, Selection } from "../../lib/core/plan.ts";
import { streamName } from "../../lib/core/flow.ts";
import { flow, type FlowDefinition } from "../../lib/flow/builder.ts";
import { findHazards } from "../../lib/graph/find_hazards.ts";
import { planFlow, type PlanOptions } from "../../lib/graph/plan_flow.ts";

const CAT = ["cat"] as const;

function planOf(definition: FlowDefinition, options: PlanOptions = {}): Plan {
  const planned = planFlow(flow(definition, { folder: "/" }), options);
  if (!planned.ok) throw new Error(planned.issues.map(({ message }) => message).join("\n"));
  return planned.plan;
}

/** `a → b: pipe`, one for each edge. */
function carriers(plan: Plan): readonly string[] {
  return plan.edges.map(({ from, to, carrier }) =>
    `${streamName(from)} → ${to.kind === "actor" ? to.actor : to.target}: ${carrier}`
  );
}

test("planFlow() joins a chain by kernel pipes", () => {
  const plan = planOf({ actors: { a: { run: CAT }, b: { run: CAT, in: "a" }, c: { run: CAT, in: "b" } } });
  expect(carriers(plan)).toEqual(["a → b: pipe", "b → c: pipe", "c → -: descriptor"]);
});

test("planFlow() relays into outputs where nobody can be asked who still writes to them", () => {
  const plan = planOf({ actors: { a: { run: CAT } }, out: { "-": "a" } }, { canLook: false });
  expect(carriers(plan)).toEqual(["a → -: relay"]);
});

test("planFlow() asks of each file of out once whether it is a named pipe, and not of standard output", () => {
  const asked: string[] = [];
  const plan = planOf(
    {
      actors: { a: { run: CAT }, b: { run: CAT }, c: { run: CAT } },
      out: { "-": ["a", "b"], "/p": ["b", "c"] },
    },
    { kindOfFile: (path) => asked.push(path) > 0 ? "pipe" : "file" },
  );
  expect(asked).toEqual(["/p"]);
  expect(plan.edges.map(({ reason }) => reason)).toEqual([
    "one of 2 streams joined in one output",
    "one of 2 streams joined in one output",
    "a named pipe, written when somebody reads it",
    "a named pipe, written when somebody reads it",
  ]);
});

test("planFlow() relays in a lazy start, because the first byte has to be seen", () => {
  const plan = planOf({ start: "lazy", actors: { a: { run: CAT }, b: { run: CAT, in: "a" } } });
  expect(carriers(plan)).toEqual(["a → b: relay", "b → -: descriptor"]);
});

test("planFlow() relays fan-out, joins, values and everything on a cycle", () => {
  const plan = planOf({
    actors: {
      v: { value: "x" },
      a: { run: CAT, in: "v" },
      b: { run: CAT, in: "a" },
      c: { run: CAT, in: "a" },
      x: { run: CAT, in: "c" },
      d: { run: CAT, in: ["b", "x"] },
      e: { run: CAT, in: "d" },
    },
  });
  expect(carriers(plan)).toEqual([
    "v → a: relay",
    "a → b: relay",
    "a → c: relay",
    "c → x: relay",
    "b → d: relay",
    "x → d: relay",
    "d → e: pipe",
    "e → -: descriptor",
  ]);
  expect(findHazards(plan).hazards).toHaveLength(1);
});

test("planFlow() pipes two streams of one actor to two readers, and relays them to one", () => {
  const two = { run: CAT, outputs: { more: 3 } };
  const apart = planOf({
    actors: { a: two, b: { run: CAT, in: "a" }, c: { run: CAT, in: "a.more" } },
    out: { "/b": "b", "/c": "c" },
  });
  expect(carriers(apart)).toEqual([
    "a → b: pipe",
    "a.more → c: pipe",
    "b → /b: descriptor",
    "c → /c: descriptor",
  ]);
  const together = planOf({ actors: { a: two, b: { run: CAT, in: { stdin: "a", more: "a.more" } } } });
  expect(carriers(together)).toEqual(["a → b: relay", "a.more → b: relay", "b → -: descriptor"]);
  expect(findHazards(together).hazards).toHaveLength(1);
});

test("planFlow() hands a file over to each of its readers, and copies it into joins", () => {
  const plan = planOf({
    actors: {
      f: { file: "/f" },
      a: { run: CAT, in: "f" },
      b: { run: CAT, in: "f" },
      c: { run: CAT, in: ["f", "a", "b"] },
    },
  });
  expect(carriers(plan)).toEqual([
    "f → a: descriptor",
    "f → b: descriptor",
    "f → c: relay",
    "a → c: relay",
    "b → c: relay",
    "c → -: descriptor",
  ]);
  // A file can be read again for each reader: it closes no cycle.
  expect(findHazards(plan).hazards).toEqual([]);
});

test("planFlow() starts only what the outputs need, producers first", () => {
  const plan = planOf({
    actors: { z: { run: CAT }, c: { run: CAT, in: "b" }, b: { run: CAT, in: "a" }, a: { run: CAT } },
    out: "c",
  });
  expect(plan.actors.map(({ name }) => name)).toEqual(["a", "b", "c"]);
});

const CHAIN: FlowDefinition = {
  actors: { v: { value: "x" }, a: { run: CAT, in: "v" }, b: { run: CAT, in: "a" }, c: { run: CAT, in: "b" } },
};
const PARTS: readonly (readonly [Selection, readonly string[], readonly string[]])[] = [
  [{ kind: "all" }, ["v", "a", "b", "c"], ["c"]],
  [{ kind: "only", actors: ["b"] }, ["v", "a", "b"], ["b"]],
  [{ kind: "one-step" }, ["v", "a"], ["a"]],
  [{ kind: "stop-before", actor: "c" }, ["v", "a", "b"], ["b"]],
  [{ kind: "stop-after", actor: "b" }, ["v", "a", "b"], ["b"]],
  [{ kind: "stop-after", actor: "c" }, ["v", "a", "b", "c"], ["c"]],
  [{ kind: "stop-before", actor: "a" }, [], []],
];

test.each(PARTS)("planFlow() selects %j", (selection, actors, printed) => {
  const plan = planOf(CHAIN, { selection });
  expect(plan.actors.map(({ name }) => name)).toEqual(actors);
  expect(plan.outputs.flatMap(({ streams }) => streams.map(({ actor }) => actor))).toEqual(printed);
});

test("planFlow() selects all message actors with one of them, and none with others", () => {
  const talk = {
    actors: {
      lines: { value: "1\n" },
      copy: { run: ["cat"], in: "lines" },
      front: { run: ["cat"], protocol: "messages", in: "copy" },
      bank: { run: ["cat"], protocol: "messages" },
      last: { run: ["cat"], in: "front" },
    },
  } as const;
  const namesOf = (...actors: readonly string[]): readonly string[] =>
    planOf(talk, { selection: { kind: "only", actors } }).actors.map(({ name }) => name);
  expect(namesOf("copy")).toEqual(["lines", "copy"]);
  expect(namesOf("last")).toEqual(["lines", "copy", "front", "last", "bank"]);
});

test("planFlow() reports unknown actors of a selection", () => {
  const planned = planFlow(flow(CHAIN, { folder: "/" }), { selection: { kind: "only", actors: ["x"] } });
  expect(planned).toEqual({
    ok: false,
    issues: [{ path: [], message: 'Cannot select "x": there is no such actor (actors: v, a, b, c)' }],
  });
});

test("planFlow() asks whether another actor was meant", () => {
  const definition = { actors: { found: { run: ["cat"] }, count: { run: ["wc"], in: "found" } } };
  const planned = planFlow(flow(definition, { folder: "/" }), {
    selection: { kind: "only", actors: ["foudn"] },
  });
  expect(planned).toEqual({
    ok: false,
    issues: [{
      path: [],
      message: 'Cannot select "foudn": there is no such actor (did you mean "found"? actors: found, count)',
    }],
  });
});

test("planFlow() relays what passes between processes when it is captured, and leaves files alone", () => {
  const definition = {
    actors: {
      f: { file: "in.txt" },
      k: { stdin: true },
      a: { run: CAT, in: "f" },
      b: { run: CAT, in: ["a", "k"] },
      c: { run: CAT, in: "b" },
      d: { run: CAT, in: "c" },
    },
  } as const;
  expect(carriers(planOf(definition))).toEqual([
    "f → a: descriptor",
    "a → b: relay",
    "k → b: relay",
    "b → c: pipe",
    "c → d: pipe",
    "d → -: descriptor",
  ]);
  const captured = planOf(definition, { isCaptured: true });
  expect(carriers(captured)).toEqual([
    "f → a: descriptor",
    "a → b: relay",
    "k → b: relay",
    "b → c: relay",
    "c → d: relay",
    "d → -: relay",
  ]);
  expect(captured.edges[3]?.reason).toBe("captured: a copy of it goes into the database");
  expect(captured.edges.map(({ isOnCycle }) => isOnCycle)).toEqual([
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("planFlow() reads a device once for all of its readers, and hands it to a single one", () => {
  const options = { kindOfFile: (path: string) => path === "/dev/tty" ? "device" : "file" } as const;
  const one = { t: { file: "/dev/tty" }, a: { run: CAT, in: "t" } };
  expect(carriers(planOf({ actors: one }, options))).toEqual(["t → a: descriptor", "a → -: descriptor"]);
  const two = planOf(
    { actors: { ...one, b: { run: CAT, in: "t" } }, out: { "/1": "a", "/2": "b" } },
    options,
  );
  expect(two.edges.slice(0, 2).map(({ reason }) => reason)).toEqual([
    "fan-out to 2 readers",
    "fan-out to 2 readers",
  ]);
  expect([[...two.readOnce], [...two.namedPipes]]).toEqual([["t"], []]);
});
