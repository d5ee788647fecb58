/**
 * Joins that would hang a shell: several streams read one after the other, while two of them (or one and another
 * input of the same actor) come from a common origin that must be read at the same pace.
 */
import type { Edge, EdgeTarget, Plan } from "../core/plan.ts";

/** A join, and those of its edges that lie on a cycle of the undirected graph. */
export interface Hazard {
  readonly to: EdgeTarget;
  readonly edges: readonly Edge[];
}

/**
 * The ordered joins of a plan that can hang with plain pipes: at least two edges into one actor or output lie on
 * a cycle, and they are not read as they come (`merge: "lines"` on a single port is).
 */
export function findHazards(plan: Plan): readonly Hazard[] {
  const byNode = new Map<string, { to: EdgeTarget; edges: Edge[]; ports: number; isOrdered: boolean }>();
  for (const join of plan.joins) {
    const edges = join.edges.filter((edge) => edge.isOnCycle);
    if (edges.length === 0) continue;
    const key = join.to.kind === "actor" ? `actor ${join.to.actor}` : `output ${join.to.target}`;
    const node = byNode.get(key) ?? { to: join.to, edges: [], ports: 0, isOrdered: false };
    node.edges.push(...edges);
    node.ports += 1;
    node.isOrdered ||= join.merge === "concat" && edges.length > 1;
    byNode.set(key, node);
  }
  return [...byNode.values()]
    .filter((node) => node.isOrdered || node.ports > 1)
    .map(({ to, edges }) => ({ to, edges }));
}
