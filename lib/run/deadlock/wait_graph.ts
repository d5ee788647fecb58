/**
 * The wait-for graph: who can never go on, and the cycle that holds them.
 *
 * Each node is free, or waits for one of several others (a program that waits at several pipes at once), or for all
 * of several (a stream that is given to every reader at the same pace). A set of nodes is stuck when none of them can
 * be the first to go on. It is enough that a part of the graph is stuck: what moves elsewhere does not matter
 * (Geilen and Basten, "Requirements on the Execution of Kahn Process Networks", 2003).
 */

export type Waiting =
  | { readonly kind: "free" }
  | { readonly kind: "any" | "all"; readonly of: readonly string[] };

/** Tells what a node waits for. */
export type AskNode = (node: string) => Waiting;

export interface WaitGraph {
  readonly nodes: ReadonlyMap<string, Waiting>;
  /** Those that can never go on. */
  readonly stuck: ReadonlySet<string>;
}

/** Asks for everything that can be reached from `roots`, each node once, and finds what is stuck. Linear. */
export function findStuck(roots: readonly string[], ask: AskNode): WaitGraph {
  const nodes = new Map<string, Waiting>();
  const open = [...roots];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (nodes.has(node)) continue;
    const waiting = ask(node);
    nodes.set(node, waiting);
    if (waiting.kind === "free") continue;
    for (const other of waiting.of) open.push(other);
  }
  return { nodes, stuck: withoutMoving(nodes) };
}

/** What is left when everybody who can go on has gone on. */
function withoutMoving(nodes: ReadonlyMap<string, Waiting>): ReadonlySet<string> {
  const stuck = new Set(nodes.keys());
  const waiters = new Map<string, string[]>();
  const missing = new Map<string, number>();
  const moving: string[] = [];
  for (const [node, waiting] of nodes) {
    const needs = waiting.kind === "free" ? 0 : waiting.kind === "any" ? 1 : new Set(waiting.of).size;
    missing.set(node, needs);
    if (needs === 0) moving.push(node);
    if (waiting.kind === "free") continue;
    for (const other of new Set(waiting.of)) {
      const known = waiters.get(other);
      if (known === undefined) waiters.set(other, [node]);
      else known.push(node);
    }
  }
  for (let node = moving.pop(); node !== undefined; node = moving.pop()) {
    if (!stuck.delete(node)) continue;
    for (const waiter of waiters.get(node) ?? []) {
      const left = (missing.get(waiter) ?? 0) - 1;
      missing.set(waiter, left);
      if (left === 0) moving.push(waiter);
    }
  }
  return stuck;
}

/** The shortest way from `from` to `to` along the waiting of stuck nodes, both included; undefined when none. */
export function findWay(
  { nodes, stuck }: WaitGraph,
  { from, to }: { readonly from: string; readonly to: string },
): readonly string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  let layer = [from];
  while (layer.length > 0 && !cameFrom.has(to)) {
    const next: string[] = [];
    for (const node of layer) {
      const waiting = nodes.get(node);
      if (waiting === undefined || waiting.kind === "free") continue;
      for (const other of waiting.of) {
        if (!stuck.has(other) || cameFrom.has(other)) continue;
        cameFrom.set(other, node);
        next.push(other);
      }
    }
    layer = next;
  }
  if (!cameFrom.has(to)) return undefined;
  const way: string[] = [];
  for (let node: string | undefined = to; node !== undefined; node = cameFrom.get(node)) way.unshift(node);
  return way;
}

/** A cycle among the stuck nodes that can be reached from `start`; the first node comes again at the end. */
export function findAnyCycle(graph: WaitGraph, start: string): readonly string[] | undefined {
  const way: string[] = [];
  const at = new Map<string, number>();
  for (let node: string | undefined = start; node !== undefined;) {
    const known = at.get(node);
    if (known !== undefined) return [...way.slice(known), node];
    at.set(node, way.length);
    way.push(node);
    const waiting = graph.nodes.get(node);
    // A stuck node has a stuck one to wait for, so this goes on until something comes again.
    node = waiting === undefined || waiting.kind === "free"
      ? undefined
      : waiting.of.find((other) => graph.stuck.has(other));
  }
  return undefined;
}
