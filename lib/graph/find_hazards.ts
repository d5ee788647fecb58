/**
 * What would hang with plain pipes: for every reader of several streams the smallest ring of waiting that can close.
 *
 *   a ─▶ b ─▶ d      d reads b to its end before c. The pipe c → d fills up, then a → c; a cannot write any more,
 *   └──▶ c ──▶┘      so nothing comes by way of b: d waits for b, b for a, a for c, c for d.
 *
 * The search walks along "waits for": whoever waits at an empty edge waits for its writer, and a writer either waits
 * at an empty edge itself or at a full one for its reader, which in turn is waiting somewhere else. The ring closes
 * when it comes back to the first reader by an edge which that does not read now. Full edges are walked forwards and
 * empty ones backwards, so a ring is a cycle of the undirected graph, and edges on none are left out.
 */
import type { Edge, EdgeTarget, Plan } from "../core/plan.ts";

/** The smallest ring of waiting that can close around one reader. */
export interface Hazard {
  /** The reader; its port is the one it waits at. */
  readonly to: EdgeTarget;
  /** Where it waits, with nothing there to be read. */
  readonly empty: Edge;
  /** What it does not read meanwhile. */
  readonly full: Edge;
  /** The ring in pieces, each along the streams' direction; all edges of a piece are in the same state. */
  readonly paths: readonly HazardPath[];
}

export interface Hazards {
  readonly hazards: readonly Hazard[];
  /** False when the search was given up before it had looked at every reader. */
  readonly isComplete: boolean;
}

/** Part of a ring: from an actor that writes both ways to one that reads from both. */
export interface HazardPath {
  readonly state: "empty" | "full";
  readonly edges: readonly Edge[];
}

/** Looks at edges before the search gives up: about a tenth of a second. */
const LOOKS_MAX = 500_000;

/**
 * All readers that can hang with plain pipes, each with one ring of the smallest size, in the order of the plan.
 * Readers whose inputs are merged by lines wait for nobody, if they have no other input. In graphs of very many
 * wide joins the search stops after a bounded time, with what it has found until then.
 */
export function findHazards(plan: Plan): Hazards {
  const search = new Search(plan);
  const hazards = [...search.readers()].flatMap((reader) => search.smallestRing(reader) ?? []);
  return { hazards, isComplete: search.isComplete };
}

/** A stop on the way: it came to `node` along `edge`, and asks why nobody writes it or why nobody reads it. */
interface Stop {
  readonly edge: Edge;
  readonly asks: "writer" | "reader";
  readonly before: Stop | undefined;
  readonly length: number;
}

interface Node {
  readonly ins: Edge[];
  readonly outs: Edge[];
}

class Search {
  readonly #nodes = new Map<string, Node>();
  /** Position of an edge among those of its input, and whether they are read in that order. */
  readonly #places = new Map<Edge, { readonly position: number; readonly isOrdered: boolean }>();
  #looks = 0;

  constructor(plan: Plan) {
    for (const { edges, merge, isFile } of plan.joins) {
      if (isFile === true) continue; // A file is never full.
      for (const [position, edge] of edges.entries()) {
        if (!edge.isOnCycle) continue;
        this.#places.set(edge, { position, isOrdered: merge === "concat" });
        this.#nodeOf(readerOf(edge)).ins.push(edge);
        this.#nodeOf(writerOf(edge)).outs.push(edge);
      }
    }
  }

  get isComplete(): boolean {
    return this.#looks <= LOOKS_MAX;
  }

  #nodeOf(name: string): Node {
    const node = this.#nodes.get(name) ?? { ins: [], outs: [] };
    this.#nodes.set(name, node);
    return node;
  }

  *readers(): Iterable<Node> {
    for (const node of this.#nodes.values()) if (node.ins.length > 1) yield node;
  }

  smallestRing(reader: Node): Hazard | undefined {
    let best: Stop | undefined;
    let first: Edge | undefined;
    for (const edge of reader.ins) {
      if (!reader.ins.some((other) => this.#canWait(edge, other))) continue;
      const found = this.#ringFrom(edge, best?.length ?? Infinity);
      if (found !== undefined) [best, first] = [found, edge];
      if (best?.length === 2) break;
    }
    return best === undefined || first === undefined ? undefined : toHazard(best, first);
  }

  /** Breadth first, so what is found first is smallest. */
  #ringFrom(empty: Edge, lengthMax: number): Stop | undefined {
    const home = readerOf(empty);
    const seen = { writer: new Set<Edge>([empty]), reader: new Set<Edge>() };
    const queue: Stop[] = [{ edge: empty, asks: "writer", before: undefined, length: 1 }];
    for (const stop of queue) {
      if (stop.length + 1 >= lengthMax) return undefined;
      for (const next of this.#reasons(stop)) {
        if (this.#looks++ > LOOKS_MAX) return undefined;
        if (seen[next.asks].has(next.edge)) continue;
        seen[next.asks].add(next.edge);
        const found = { ...next, before: stop, length: stop.length + 1 };
        const isHome = (next.asks === "reader" ? readerOf(next.edge) : writerOf(next.edge)) === home;
        if (!isHome) queue.push(found);
        else if (next.asks === "reader" && this.#canWait(empty, next.edge) && isSimple(found)) return found;
      }
    }
    return undefined;
  }

  /** Why whoever is asked does not go on. */
  *#reasons({ edge, asks }: Stop): Iterable<Pick<Stop, "edge" | "asks">> {
    const node = this.#nodes.get(asks === "writer" ? writerOf(edge) : readerOf(edge));
    for (const input of node?.ins ?? []) {
      if (asks === "writer" || this.#canWait(input, edge)) yield { edge: input, asks: "writer" };
    }
    for (const output of node?.outs ?? []) if (output !== edge) yield { edge: output, asks: "reader" };
  }

  /** True when a reader may wait at one of its inputs while another is full. */
  #canWait(empty: Edge, full: Edge): boolean {
    if (empty === full) return false;
    if (portOf(empty) !== portOf(full)) return true;
    const [first, second] = [this.#places.get(empty), this.#places.get(full)];
    return first !== undefined && second !== undefined && first.isOrdered && first.position < second.position;
  }
}

/** A process waits at one place only. */
function isSimple(last: Stop): boolean {
  const seen = new Set<string>();
  for (let stop: Stop | undefined = last; stop !== undefined; stop = stop.before) {
    const node = stop.asks === "writer" ? writerOf(stop.edge) : readerOf(stop.edge);
    if (seen.has(node)) return false;
    seen.add(node);
  }
  return true;
}

function toHazard(last: Stop, empty: Edge): Hazard {
  const paths: { state: "empty" | "full"; edges: Edge[] }[] = [];
  const stops: Stop[] = [];
  for (let stop: Stop | undefined = last; stop !== undefined; stop = stop.before) stops.unshift(stop);
  for (const { edge, asks } of stops) {
    const state = asks === "writer" ? "empty" : "full";
    const current = paths.at(-1);
    if (current?.state !== state) paths.push({ state, edges: [edge] });
    else if (state === "full") current.edges.push(edge);
    else current.edges.unshift(edge);
  }
  return { to: empty.to, empty, full: last.edge, paths };
}

function writerOf({ from }: Edge): string {
  return `actor ${from.actor}`;
}

function readerOf({ to }: Edge): string {
  return to.kind === "actor" ? `actor ${to.actor}` : `output ${to.target}`;
}

function portOf({ to }: Edge): string {
  return to.kind === "actor" ? to.port : "";
}
