/**
 * Actors of a flow that are not started, because nothing that the flow writes needs them.
 */
import { isProcess } from "../../core/flow.ts";
import { groupOf } from "../../core/instance.ts";
import type { Plan } from "../../core/plan.ts";

/** By their names in the flow: instances by that of their actor, and nothing of what is within a flow that is used. */
export function listUnneeded({ flow, actors }: Pick<Plan, "flow" | "actors">): readonly string[] {
  const needed = new Set(actors.map(({ name }) => groupOf(name)));
  const names = [...flow.actors.values()].filter(isProcess).map(({ name }) => groupOf(name));
  return [...new Set(names)].filter((name) => !needed.has(name) && !name.includes("/"));
}
