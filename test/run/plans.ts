/** Plans of flows that are never run, for tests of what is decided before anything is started. */
import type { Edge, Plan } from "../../lib/core/plan.ts";
import { streamName } from "../../lib/core/flow.ts";
import { flow, type FlowDefinition } from "../../lib/flow/builder.ts";
import { planFlow, type PlanOptions } from "../../lib/graph/plan_flow.ts";

export const CAT = ["cat"] as const;

export function planOf(definition: FlowDefinition, options: PlanOptions = {}): Plan {
  const planned = planFlow(flow(definition, { folder: "/" }), options);
  if (!planned.ok) throw new Error(planned.issues.map(({ message }) => message).join("\n"));
  return planned.plan;
}

/** `a > b`. */
export function nameEdge({ from, to }: Edge): string {
  return `${streamName(from)} > ${to.kind === "actor" ? to.actor : to.target}`;
}
