import { describe, expect, test } from "vitest";
import { streamName } from "../../lib/core/flow.ts";
import type { Edge, Plan } from "../../lib/core/plan.ts";
import { nameTarget } from "../../lib/core/plan.ts";
import { flow, type FlowDefinition } from "../../lib/flow/builder.ts";
import { findHazards, type Hazard } from "../../lib/graph/find_hazards.ts";
import { planFlow } from "../../lib/graph/plan_flow.ts";
import { makeRandom, type Random } from "../random/prng.ts";
import { findRings, readerOf } from "./find_rings.ts";

type Actors = FlowDefinition["actors"];

function planOf(definition: FlowDefinition): Plan {
  const planned = planFlow(flow(definition, { folder: "/" }));
  if (!planned.ok) throw new Error(planned.issues.map(({ message }) => message).join("\n"));
  return planned.plan;
}

const cat = (...streams: readonly string[]) => ({ run: ["cat"], in: streams } as const);
const lines = (...streams: readonly string[]) => ({ ...cat(...streams), merge: "lines" } as const);
const both = (stdin: readonly string[], more: readonly string[]) =>
  ({ run: ["cmp", "-", "{in.more}"], in: { stdin, more } }) as const;
const source = { run: ["seq", "9"] } as const;

/** `a → b → d`, by the names of the streams. */
function pathOf(edges: readonly Edge[]): string {
  const last = edges.at(-1);
  return [...edges.map(({ from }) => streamName(from)), ...(last === undefined ? [] : [nameTarget(last.to)])]
    .join(" → ");
}

/** `d: a → b → d is empty, a → c → d is full`. */
function textOf({ to, paths }: Hazard): string {
  return `${nameTarget(to)}: ${paths.map(({ state, edges }) => `${pathOf(edges)} is ${state}`).join(", ")}`;
}

/** Each actor that nobody reads goes to a file of its own. */
function hazardsOf(actors: Actors): readonly string[] {
  const read = new Set(
    Object.values(actors).flatMap(({ in: input = [] }) =>
      typeof input === "string" ? [input] : Array.isArray(input) ? input : Object.values(input).flat()
    ),
  );
  const unread = Object.keys(actors).filter((name) => !read.has(name));
  return hazardsInto({ actors, out: Object.fromEntries(unread.map((name) => [`/${name}`, name])) });
}

function hazardsInto(definition: FlowDefinition): readonly string[] {
  const { hazards, isComplete } = findHazards(planOf(definition));
  expect(isComplete).toBe(true);
  return hazards.map(textOf);
}

describe("findHazards()", () => {
  test("finds a diamond", () => {
    // a → b → d, a → c → d
    const plan = planOf({ actors: { a: source, b: cat("a"), c: cat("a"), d: cat("b", "c") } });
    const [hazard, ...others] = findHazards(plan).hazards;
    expect(others).toEqual([]);
    expect(hazard && textOf(hazard)).toBe("d: a → b → d is empty, a → c → d is full");
    expect(hazard && [hazard.empty, hazard.full].map(({ from }) => from.actor)).toEqual(["b", "c"]);
    expect(hazard?.to).toEqual({ kind: "actor", actor: "d", port: "stdin" });
  });

  test("finds nothing in chains, trees and joins of what has nothing in common", () => {
    expect(hazardsOf({ a: source, b: cat("a"), c: cat("b") })).toEqual([]);
    expect(hazardsOf({ a: source, b: cat("a"), c: cat("a"), d: cat("b") })).toEqual([]);
    expect(hazardsOf({ a: source, b: source, c: cat("a", "b"), d: cat("c") })).toEqual([]);
  });

  test("chooses the smallest ring of several, whichever branch is read first", () => {
    // a → b → d, a → c → e → d, a → d
    const branches = { a: source, b: cat("a"), c: cat("a"), e: cat("c") };
    expect(hazardsOf({ ...branches, d: cat("b", "e", "a") })).toEqual([
      "d: a → b → d is empty, a → d is full",
    ]);
    expect(hazardsOf({ ...branches, d: cat("e", "b") })).toEqual([
      "d: a → c → e → d is empty, a → b → d is full",
    ]);
    expect(hazardsOf({ ...branches, d: cat("a", "e", "b") })).toEqual([
      "d: a → d is empty, a → b → d is full",
    ]);
  });

  test("finds one ring for each reader, in the order of the plan", () => {
    const actors = { a: source, b: cat("a"), c: cat("a", "b"), d: cat("b", "a"), e: cat("c", "d") };
    expect(hazardsOf(actors)).toEqual([
      "c: a → c is empty, a → b → c is full",
      "d: a → b → d is empty, a → d is full",
      "e: a → c → e is empty, a → d → e is full",
    ]);
  });

  test("knows that a stream's own order makes no ring", () => {
    // d waits for c only when b has ended.
    expect(hazardsOf({ a: source, b: source, c: cat("a"), d: cat("c", "b"), e: cat("b") })).toEqual([]);
  });

  test("finds a stream that is read twice", () => {
    expect(hazardsOf({ a: source, b: cat("a", "a") })).toEqual(["b: a → b is empty, a → b is full"]);
    expect(hazardsOf({ a: source, b: both(["a"], ["a"]) })).toEqual([
      "b: a → b is empty, a → b.more is full",
    ]);
  });

  test("finds two ports of one writer, and two of one reader", () => {
    const two = { ...source, outputs: { more: 3 } };
    expect(hazardsOf({ a: two, b: cat("a", "a.more") })).toEqual(["b: a → b is empty, a.more → b is full"]);
    expect(hazardsOf({ a: two, b: cat("a"), c: cat("a.more"), d: both(["b"], ["c"]) })).toEqual([
      "d: a → b → d is empty, a.more → c → d.more is full",
    ]);
    expect(hazardsOf({ a: two, b: cat("a"), c: cat("a.more") })).toEqual([]);
  });

  test("finds nothing where lines are merged as they come, unless there is another port", () => {
    const branches = { a: source, b: cat("a"), c: cat("a") };
    expect(hazardsOf({ ...branches, d: lines("b", "c") })).toEqual([]);
    expect(hazardsOf({ ...branches, d: lines("b", "c"), e: cat("d") })).toEqual([]);
    const ports = {
      run: ["cmp", "-", "{in.more}"],
      in: { stdin: ["b", "c"], more: "a" },
      merge: "lines",
    } as const;
    expect(hazardsOf({ ...branches, d: ports })).toEqual(["d: a → b → d is empty, a → d.more is full"]);
  });

  test("finds a ring that goes through a merge by lines", () => {
    const actors = { a: source, b: cat("a"), c: cat("a"), d: lines("b", "c"), e: cat("d", "a") };
    expect(hazardsOf(actors)).toEqual(["e: a → b → d → e is empty, a → e is full"]);
  });

  test("finds nothing behind values and files, which are read anew for each, but behind standard input", () => {
    const branches = { b: cat("s"), c: cat("s"), d: cat("b", "c") };
    expect(hazardsOf({ s: { value: "x" }, ...branches })).toEqual([]);
    expect(hazardsOf({ s: { file: "/x" }, ...branches })).toEqual([]);
    expect(hazardsOf({ s: { value: "x" }, b: cat("s", "s") })).toEqual([]);
    expect(hazardsOf({ s: { stdin: true }, ...branches })).toEqual([
      "d: s → b → d is empty, s → c → d is full",
    ]);
  });

  test("takes outputs of the flow as readers", () => {
    const actors = { a: source, b: cat("a"), c: cat("a") };
    expect(hazardsInto({ actors, out: { "/o": ["b", "c"] } })).toEqual([
      "/o: a → b → /o is empty, a → c → /o is full",
    ]);
    expect(hazardsInto({ actors, out: ["b", "c"] })).toEqual(["-: a → b → - is empty, a → c → - is full"]);
    expect(hazardsInto({ actors, out: { "/b": "b", "/c": "c" } })).toEqual([]);
  });

  test("finds two readers that read two sources in opposite order, and none in the same", () => {
    const sources = { a: source, b: source };
    expect(hazardsOf({ ...sources, x: cat("a", "b"), y: cat("b", "a") })).toEqual([
      "x: a → x is empty, a → y is full, b → y is empty, b → x is full",
      "y: b → y is empty, b → x is full, a → x is empty, a → y is full",
    ]);
    expect(hazardsOf({ ...sources, x: cat("a", "b"), y: cat("a", "b") })).toEqual([]);
    expect(hazardsOf({ ...sources, x: cat("a", "b"), y: lines("b", "a") })).toEqual([]);
  });

  test("finds a ring through a reader that cannot write", () => {
    // x waits for b, which cannot write to y, which cannot write to z, which cannot write to x.
    expect(hazardsOf({ a: source, b: source, y: cat("b"), z: cat("a", "y"), x: cat("b", "z") })).toEqual([
      "x: b → x is empty, b → y → z → x is full",
    ]);
  });

  test("looks at 10,000 actors, each reading the two before it", () => {
    const names = Array.from({ length: 10_000 }, (_, at) => `a${at}`);
    const actors = Object.fromEntries(
      names.map((name, at) => [name, at < 2 ? source : cat(names[at - 1] ?? "", names[at - 2] ?? "")]),
    );
    const { hazards, isComplete } = findHazards(planOf({ actors }));
    expect(isComplete).toBe(true);
    expect(hazards).toHaveLength(9_997);
    expect(hazards.every(({ paths }) => paths.flatMap(({ edges }) => edges).length <= 4)).toBe(true);
  });

  test("looks along branches of 10,000 actors", () => {
    const branch = (name: string): [string, ReturnType<typeof cat>][] =>
      Array.from({ length: 5_000 }, (_, at) => [`${name}${at}`, cat(at === 0 ? "a" : `${name}${at - 1}`)]);
    const actors = Object.fromEntries([["a", source], ...branch("b"), ...branch("c"), [
      "d",
      cat("b4999", "c4999"),
    ]]);
    const { hazards, isComplete } = findHazards(planOf({ actors }));
    expect(isComplete).toBe(true);
    expect(hazards.map(({ paths }) => paths.map(({ edges }) => edges.length))).toEqual([[5_001, 5_001]]);
  });

  test("gives up on a graph of very many wide joins, and says so", () => {
    const sources = Array.from({ length: 150 }, (_, at) => `s${at}`);
    const actors = Object.fromEntries([
      ...sources.map((name) => [name, source]),
      ...Array.from({ length: 150 }, (_, at) => [`r${at}`, cat(...sources)]),
    ]);
    expect(findHazards(planOf({ actors, out: { "/o": "r0" } })).isComplete).toBe(true);
    const out = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`/o${at}`, `r${at}`]));
    expect(findHazards(planOf({ actors, out }))).toEqual({ hazards: [], isComplete: false });
  });

  test("agrees with looking at every ring, on random graphs", () => {
    for (let seed = 1; seed <= 400; seed++) {
      const plan = planOf(makeDefinition(makeRandom(seed, "hazards")));
      const { possible, sure } = findRings(plan);
      const found = new Map(
        findHazards(plan).hazards.map(({ empty, paths }) =>
          [readerOf(empty), paths.flatMap(({ edges }) => edges).length] as const
        ),
      );
      for (const [reader, length] of sure) {
        expect(found.get(reader), `seed ${seed}, ${reader}`).toBeLessThanOrEqual(length);
      }
      for (const [reader, length] of found) {
        expect(possible.get(reader), `seed ${seed}, ${reader}`).toBeLessThanOrEqual(length);
      }
    }
  });
});

/** Up to seven actors that read some of those before them. */
function makeDefinition(random: Random): FlowDefinition {
  const streams: string[] = [];
  const some = (): readonly string[] => Array.from({ length: random.int(1, 3) }, () => random.pick(streams));
  const actors = Object.fromEntries(
    Array.from({ length: random.int(3, 7) }, (_, at) => {
      const isSource = at === 0 || random.chance(0.15);
      const actor = isSource ? source : random.chance(0.25) ? both(some(), some()) : cat(...some());
      const merge = !isSource && random.chance(0.2) ? { merge: "lines" } as const : {};
      const outputs = random.chance(0.25) ? { outputs: { more: 3 } } : {};
      streams.push(`a${at}`, ...("outputs" in outputs ? [`a${at}.more`] : []));
      return [`a${at}`, { ...actor, ...merge, ...outputs }];
    }),
  );
  const last = streams.at(-1) ?? "a0";
  return {
    actors,
    out: { "/o": [...streams.filter(() => random.chance(0.4)), last], "/p": random.pick(streams) },
  };
}
