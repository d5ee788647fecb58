/**
 * Every ring of waiting of a small plan, found by trying everything: what `findHazards` is compared with.
 */
import type { Edge, Plan } from "../../lib/core/plan.ts";

/** Readers that a ring comes back to, with the number of edges of the smallest. */
export interface Rings {
  /** Rings in which each actor waits at one place. */
  readonly possible: ReadonlyMap<string, number>;
  /** Those of them in which nobody waits for a stream after one that an actor of the ring has still to end. */
  readonly sure: ReadonlyMap<string, number>;
}

/** Somebody waits at the edge: `empty`, its reader; `full`, its writer. */
interface Wait {
  readonly edge: Edge;
  readonly state: "empty" | "full";
}

export function readerOf({ to }: Edge): string {
  return to.kind === "actor" ? `actor ${to.actor}` : `output ${to.target}`;
}

export function findRings({ joins }: Plan): Rings {
  const edges = joins.flatMap((join) => join.edges);
  const joinOf = new Map(joins.flatMap((join) => join.edges.map((edge) => [edge, join])));
  const possible = new Map<string, number>();
  const sure = new Map<string, number>();

  /** Those of the same input that are read to their end before this one. */
  const readBefore = (edge: Edge): readonly Edge[] => {
    const join = joinOf.get(edge);
    return join === undefined || join.merge === "lines" ? [] : join.edges.slice(0, join.edges.indexOf(edge));
  };
  const canWait = (empty: Edge, full: Edge): boolean =>
    empty !== full && (joinOf.get(empty) !== joinOf.get(full) || readBefore(full).includes(empty));

  const close = (ring: readonly Wait[], members: ReadonlySet<string>): void => {
    const [first] = ring;
    if (first === undefined) return;
    const isSure = ring.every(({ edge, state }) =>
      state === "full" || readBefore(edge).every((before) => !members.has(writerOf(before)))
    );
    for (const rings of isSure ? [possible, sure] : [possible]) {
      const home = readerOf(first.edge);
      rings.set(home, Math.min(rings.get(home) ?? Infinity, ring.length));
    }
  };

  const follow = (ring: readonly Wait[], members: ReadonlySet<string>): void => {
    const [first, last] = [ring[0], ring.at(-1)];
    if (first === undefined || last === undefined) return;
    const asked = last.state === "empty" ? writerOf(last.edge) : readerOf(last.edge);
    if (asked === readerOf(first.edge)) {
      if (last.state === "full" && canWait(first.edge, last.edge)) close(ring, members);
      return;
    }
    if (members.has(asked)) return;
    const next = new Set(members).add(asked);
    for (const edge of edges) {
      const doesRead = readerOf(edge) === asked && (last.state === "empty" || canWait(edge, last.edge));
      if (doesRead) follow([...ring, { edge, state: "empty" }], next);
      if (writerOf(edge) === asked && edge !== last.edge) follow([...ring, { edge, state: "full" }], next);
    }
  };
  for (const edge of edges) follow([{ edge, state: "empty" }], new Set([readerOf(edge)]));
  return { possible, sure };
}

function writerOf({ from }: Edge): string {
  return `actor ${from.actor}`;
}
