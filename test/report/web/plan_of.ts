/** The plan of a flow that has no mistakes. */
import { ALL_ROOMS } from "../../../lib/flow/check/all_rooms.ts";
import { checkFlow } from "../../../lib/flow/check/check_flow.ts";
import type { Plan } from "../../../lib/core/plan.ts";
import { planFlow } from "../../../lib/graph/plan_flow.ts";

export function planOf(flow: object): Plan {
  const checked = checkFlow(flow, { folder: "/flows", file: "/flows/flow.json", rooms: ALL_ROOMS });
  if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
  const planned = planFlow(checked.flow, {});
  if (!planned.ok) throw new Error(JSON.stringify(planned.issues));
  return planned.plan;
}
