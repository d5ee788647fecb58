import { describe, expect, test } from "vitest";
import type { WaitGraph, Waiting } from "../../../lib/run/deadlock/wait_graph.ts";
import { findAnyCycle, findStuck, findWay } from "../../../lib/run/deadlock/wait_graph.ts";
import { makeRandom } from "../../random/prng.ts";

const LENGTH = 10_000;

type Graph = Readonly<Record<string, Waiting>>;

const FREE: Waiting = { kind: "free" };
const any = (...of: readonly string[]): Waiting => ({ kind: "any", of });
const all = (...of: readonly string[]): Waiting => ({ kind: "all", of });

/** Nodes that the graph does not have are free. */
function stuckIn(graph: Graph, roots: readonly string[] = Object.keys(graph)): WaitGraph {
  return findStuck(roots, (node) => graph[node] ?? FREE);
}

function namesOf({ stuck }: WaitGraph): readonly string[] {
  return [...stuck].sort();
}

/** `n0` waits for `n1` and so on; the last waits for `last`. */
function chain(last: Waiting): Graph {
  return Object.fromEntries(
    Array.from({ length: LENGTH }, (_, at) => [`n${at}`, at === LENGTH - 1 ? last : any(`n${at + 1}`)]),
  );
}

describe("findStuck()", () => {
  test.each<[string, Graph, readonly string[]]>([
    ["nobody where nobody waits", { a: FREE, b: FREE }, []],
    ["nobody who waits for one that can go on", { a: any("b"), b: all("c"), c: FREE }, []],
    ["nobody who waits for one it knows nothing of", { a: any("elsewhere") }, []],
    ["all of a cycle", { a: any("b"), b: all("c"), c: any("a") }, ["a", "b", "c"]],
    ["one that waits for itself", { a: any("a") }, ["a"]],
    ["one that waits for nobody in particular", { a: any() }, ["a"]],
    ["not one that waits for all of none", { a: all() }, []],
    ["those who wait for a cycle", { a: any("b"), b: any("a"), c: any("d"), d: all("a") }, [
      "a",
      "b",
      "c",
      "d",
    ]],
    ["a cycle beside a part that moves", { a: any("b"), b: any("a"), c: any("d"), d: FREE }, ["a", "b"]],
    ["not one of whose several one moves", { a: any("b", "c"), b: any("a"), c: FREE }, []],
    ["one of whose several not all move", { a: all("b", "c"), b: any("a"), c: FREE }, ["a", "b"]],
    ["not one of whose several all move", { a: all("b", "c"), b: any("c"), c: FREE }, []],
    ["one of whose several none moves", { a: any("b", "c"), b: any("a"), c: any("a") }, ["a", "b", "c"]],
    ["not one that names a moving one twice", { a: all("b", "b"), b: FREE, c: any("b", "b", "a") }, []],
  ])("finds %s", (_, graph, expected) => {
    expect(namesOf(stuckIn(graph))).toEqual(expected);
  });

  test("asks for what can be reached from the roots, each once", () => {
    const graph: Graph = { a: any("b", "c"), b: all("c", "a"), c: any("a"), aside: any("aside") };
    const asked: string[] = [];
    const { nodes, stuck } = findStuck(["a", "b", "a"], (node) => {
      asked.push(node);
      return graph[node] ?? FREE;
    });
    expect(asked.sort()).toEqual(["a", "b", "c"]);
    expect(nodes).toEqual(new Map([["a", graph["a"]], ["b", graph["b"]], ["c", graph["c"]]]));
    expect([...stuck].sort()).toEqual(["a", "b", "c"]);
  });

  test("frees a chain of 10,000 from its end, and holds it when the end waits for the beginning", () => {
    expect(stuckIn(chain(FREE), ["n0"]).stuck.size).toBe(0);
    expect(stuckIn(chain(any("n0")), ["n0"]).stuck.size).toBe(LENGTH);
  });

  test.each(["any", "all"] as const)("takes a node that waits for %s of 200,000", (kind) => {
    const of = Array.from({ length: 200_000 }, (_, at) => `n${at}`);
    expect(findStuck(["hub"], (node) => node === "hub" ? { kind, of } : FREE).stuck.size).toBe(0);
    expect(findStuck(["hub"], (node) => node === "hub" ? { kind, of } : any("hub")).stuck.size).toBe(200_001);
  });

  test("agrees with letting everybody go on who can, again and again, on random graphs", () => {
    for (let seed = 0; seed < 500; seed++) {
      const random = makeRandom(seed, "wait graph");
      const names = Array.from({ length: random.int(1, 8) }, (_, at) => `n${at}`);
      const graph = Object.fromEntries(names.map((name): [string, Waiting] => {
        const of = Array.from({ length: random.int(0, 3) }, () => random.pick(names));
        return [name, random.weighted([[1, FREE], [3, any(...of)], [3, all(...of)]])];
      }));
      const found = stuckIn(graph);
      expect(namesOf(found), `seed ${seed}`).toEqual(stuckSlowly(graph));
      for (const start of found.stuck) expectCycle(graph, findAnyCycle(found, start));
    }
  });
});

function stuckSlowly(graph: Graph): readonly string[] {
  const left = new Set(Object.keys(graph));
  for (let before = Infinity; left.size < before;) {
    before = left.size;
    for (const [node, waiting] of Object.entries(graph)) {
      const canGoOn = waiting.kind === "free" ||
        (waiting.kind === "any"
          ? waiting.of.some((other) => !left.has(other))
          : waiting.of.every((other) => !left.has(other)));
      if (canGoOn) left.delete(node);
    }
  }
  return [...left].sort();
}

/** Each waits for the next, the last is the first; only who waits for nobody is on none. */
function expectCycle(graph: Graph, cycle: readonly string[] | undefined): void {
  if (cycle === undefined) {
    expect(Object.values(graph)).toContainEqual(any());
    return;
  }
  expect(cycle.length).toBeGreaterThan(1);
  expect(cycle.at(-1)).toBe(cycle[0]);
  expect(new Set(cycle).size).toBe(cycle.length - 1);
  for (const [at, node] of cycle.slice(0, -1).entries()) {
    const waiting = graph[node] ?? FREE;
    expect(waiting.kind === "free" ? [] : waiting.of).toContain(cycle[at + 1]);
  }
}

describe("findWay()", () => {
  const graph: Graph = {
    a: any("b", "c"),
    b: any("d"),
    c: any("e"),
    d: any("e", "a"),
    e: any("f"),
    f: any("a"),
    aside: FREE,
  };

  test("finds the shortest way along the waiting, both ends included", () => {
    const found = stuckIn(graph);
    expect(findWay(found, { from: "a", to: "f" })).toEqual(["a", "c", "e", "f"]);
    expect(findWay(found, { from: "f", to: "d" })).toEqual(["f", "a", "b", "d"]);
    expect(findWay(found, { from: "a", to: "a" })).toEqual(["a"]);
  });

  test("goes through stuck nodes only, and knows no way to others", () => {
    const local = stuckIn({ a: all("b", "free"), b: any("c"), c: any("a"), free: any("d"), d: FREE });
    expect(findWay(local, { from: "a", to: "c" })).toEqual(["a", "b", "c"]);
    expect(findWay(local, { from: "a", to: "free" })).toBeUndefined();
    expect(findWay(local, { from: "a", to: "d" })).toBeUndefined();
  });

  test("knows no way against the waiting, and none from or to what is unknown", () => {
    const found = stuckIn({ a: any("b"), b: any("c"), c: any("b") });
    expect(findWay(found, { from: "c", to: "a" })).toBeUndefined();
    expect(findWay(found, { from: "a", to: "unknown" })).toBeUndefined();
    expect(findWay(found, { from: "unknown", to: "a" })).toBeUndefined();
  });

  test("finds a way of 10,000", () => {
    const way = findWay(stuckIn(chain(any("n0")), ["n0"]), { from: "n0", to: `n${LENGTH - 1}` });
    expect(way).toEqual(Array.from({ length: LENGTH }, (_, at) => `n${at}`));
  });
});

describe("findAnyCycle()", () => {
  test.each<[string, Graph, readonly string[] | undefined]>([
    ["a cycle that the start is on", { a: any("b"), b: any("c"), c: any("a") }, ["a", "b", "c", "a"]],
    ["a cycle that the start leads to", { a: any("b"), b: any("c"), c: any("b") }, ["b", "c", "b"]],
    ["a cycle of one", { a: any("a") }, ["a", "a"]],
    ["the cycle past who can go on", { a: all("f", "b"), b: any("a"), f: FREE }, ["a", "b", "a"]],
    ["none where nobody is stuck", { a: any("b"), b: FREE }, undefined],
    ["none where the stuck one waits for nobody", { a: any("b"), b: any() }, undefined],
  ])("finds %s", (_, graph, expected) => {
    expect(findAnyCycle(stuckIn(graph), "a")).toEqual(expected);
  });

  test("finds none from a node that is unknown", () => {
    expect(findAnyCycle(stuckIn({ a: any("a") }), "unknown")).toBeUndefined();
  });

  test("finds a cycle of 10,000", () => {
    const cycle = findAnyCycle(stuckIn(chain(any("n0")), ["n0"]), "n0");
    expect(cycle).toHaveLength(LENGTH + 1);
    expect(cycle?.at(-1)).toBe("n0");
  });
});
