/**
 * A plan for this machine: what is planned is pure, what it has to know of the system is asked here.
 */
import type { Flow } from "../core/flow.ts";
import { placeInside } from "../core/instance.ts";
import type { FlowIssue } from "../core/issue.ts";
import { FlowError } from "../core/issue.ts";
import type { Plan } from "../core/plan.ts";
import { formatIssues } from "../flow/read/issue_text.ts";
import type { PlanOptions } from "../graph/plan_flow.ts";
import { makeHide } from "../core/secrets.ts";
import { planFlow } from "../graph/plan_flow.ts";
import { kindOfFile } from "../host/descriptors/named_pipe.ts";
import { canLook } from "../process/proc/process_table.ts";

/** Plans a flow. Throws a FlowError when the selection names unknown actors. */
export function planHere(flow: Flow, options: Omit<PlanOptions, "kindOfFile" | "canLook"> = {}): Plan {
  const planned = planFlow(flow, { ...options, kindOfFile, canLook: canLook() });
  if (!planned.ok) throw toFlowError(toShown(planned.issues, flow));
  return planned.plan;
}

/** With the places of those that are in flows that are used, and without secrets. */
export function toShown(issues: readonly FlowIssue[], flow: Flow): readonly FlowIssue[] {
  return makeHide(flow)(issues).map((issue) => placeInside(issue, flow));
}

/** Issues as an error, for who catches no data. */
export function toFlowError(issues: readonly FlowIssue[]): FlowError {
  return new FlowError(formatIssues(issues, { color: false }), issues);
}
