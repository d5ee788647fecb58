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

/**
 * Looks at edges before the search gives up: so many for each edge, with a least number, that it takes no longer than
 * the rest of a plan does, and a largest one of about a tenth of a second.
 */
const LOOKS_PER_EDGE = 6;
const LOOKS_LEAST = 100_000;
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

/** Who writes or reads: an actor, or an output of the flow. */
interface Node {
  readonly ins: Link[];
  readonly outs: Link[];
}

/** An edge as the search walks along it. Strings to find its ends by would take most of the time. */
interface Link {
  readonly edge: Edge;
  readonly writer: Node;
  readonly reader: Node;
  /** Its port at the reader, the position among those of the port, and whether they are read in that order. */
  readonly port: string;
  readonly position: number;
  readonly isOrdered: boolean;
  /** The number of the walk that last came along it, for each question. */
  readonly seen: { writer: number; reader: number };
}

/** A stop on the way: it came along `link`, and asks why nobody writes it or why nobody reads it. */
interface Stop {
  readonly link: Link;
  readonly asks: "writer" | "reader";
  readonly before: Stop | undefined;
  readonly length: number;
}

class Search {
  readonly #nodes = new Map<string, Node>();
  readonly #looksMax: number;
  #looks = 0;
  #walks = 0;

  constructor(plan: Plan) {
    for (const { edges, merge, isFile } of plan.joins) {
      if (isFile === true) continue; // A file is never full.
      for (const [position, edge] of edges.entries()) {
        if (edge.isOnCycle) this.#add(edge, { position, isOrdered: merge === "concat" });
      }
    }
    this.#looksMax = Math.min(LOOKS_MAX, Math.max(LOOKS_LEAST, LOOKS_PER_EDGE * plan.edges.length));
  }

  #add(edge: Edge, place: Pick<Link, "position" | "isOrdered">): void {
    const { from, to } = edge;
    const reader = this.#nodeOf(to.kind === "actor" ? `actor ${to.actor}` : `output ${to.target}`);
    const writer = this.#nodeOf(`actor ${from.actor}`);
    const port = to.kind === "actor" ? to.port : "";
    const link: Link = { edge, writer, reader, port, ...place, seen: { writer: 0, reader: 0 } };
    reader.ins.push(link);
    writer.outs.push(link);
  }

  #nodeOf(name: string): Node {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const node: Node = { ins: [], outs: [] };
    this.#nodes.set(name, node);
    return node;
  }

  get isComplete(): boolean {
    return this.#looks <= this.#looksMax;
  }

  *readers(): Iterable<Node> {
    for (const node of this.#nodes.values()) if (node.ins.length > 1) yield node;
  }

  smallestRing(reader: Node): Hazard | undefined {
    let best: Stop | undefined;
    let first: Link | undefined;
    for (const link of reader.ins) {
      if (!reader.ins.some((other) => canWait(link, other))) continue;
      const found = this.#ringFrom(link, best?.length ?? Infinity);
      if (found !== undefined) [best, first] = [found, link];
      if (best?.length === 2) break;
    }
    return best === undefined || first === undefined ? undefined : toHazard(best, first.edge);
  }

  /** Breadth first, so what is found first is smallest. */
  #ringFrom(empty: Link, lengthMax: number): Stop | undefined {
    const walk = ++this.#walks;
    empty.seen.writer = walk;
    const queue: Stop[] = [{ link: empty, asks: "writer", before: undefined, length: 1 }];
    for (const stop of queue) {
      if (stop.length + 1 >= lengthMax) return undefined;
      const { link, asks } = stop;
      const { ins, outs } = asks === "writer" ? link.writer : link.reader;
      // Why whoever is asked does not go on: it waits itself, or one of its outputs is full.
      for (const next of ins) {
        if (asks === "reader" && !canWait(next, link)) continue;
        if (this.#looks++ > this.#looksMax) return undefined;
        if (next.seen.writer === walk) continue;
        next.seen.writer = walk;
        if (next.writer === empty.reader) continue;
        queue.push({ link: next, asks: "writer", before: stop, length: stop.length + 1 });
      }
      for (const next of outs) {
        if (next === link) continue;
        if (this.#looks++ > this.#looksMax) return undefined;
        if (next.seen.reader === walk) continue;
        next.seen.reader = walk;
        const found: Stop = { link: next, asks: "reader", before: stop, length: stop.length + 1 };
        if (next.reader !== empty.reader) queue.push(found);
        else if (canWait(empty, next) && isSimple(found)) return found;
      }
    }
    return undefined;
  }
}

/** True when a reader may wait at one of its inputs while another is full. */
function canWait(empty: Link, full: Link): boolean {
  if (empty === full) return false;
  return empty.port !== full.port || (empty.isOrdered && empty.position < full.position);
}

/** A process waits at one place only. */
function isSimple(last: Stop): boolean {
  const seen = new Set<Node>();
  for (let stop: Stop | undefined = last; stop !== undefined; stop = stop.before) {
    const node = stop.asks === "writer" ? stop.link.writer : stop.link.reader;
    if (seen.has(node)) return false;
    seen.add(node);
  }
  return true;
}

function toHazard(last: Stop, empty: Edge): Hazard {
  const paths: { state: "empty" | "full"; edges: Edge[] }[] = [];
  const stops: Stop[] = [];
  for (let stop: Stop | undefined = last; stop !== undefined; stop = stop.before) stops.push(stop);
  for (const { link: { edge }, asks } of stops.reverse()) {
    const state = asks === "writer" ? "empty" : "full";
    const current = paths.at(-1);
    if (current?.state !== state) paths.push({ state, edges: [edge] });
    else if (state === "full") current.edges.push(edge);
    else current.edges.unshift(edge);
  }
  return { to: empty.to, empty, full: last.link.edge, paths };
}
