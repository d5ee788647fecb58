/**
 * The public way to ask what becomes of a flow on this machine.
 */
import type { Flow } from "../core/flow.ts";
import type { FlowIssue } from "../core/issue.ts";
import type { Plan } from "../core/plan.ts";
import type { Hazard } from "../graph/find_hazards.ts";
import { findHazards } from "../graph/find_hazards.ts";
import { preflight } from "../process/start/preflight.ts";
import { checkIsFlow, checkOptions } from "./check_options.ts";
import { planHere, toShown } from "./plan_here.ts";
import type { RunOptions } from "./state/run_options.ts";

/** What `check` finds: how each edge would be carried, what a shell would hang on, what the system lacks. */
export interface CheckResult {
  readonly plan: Plan;
  readonly hazards: readonly Hazard[];
  /** False when there are more hazards than are looked for. */
  readonly isComplete: boolean;
  /** Missing programs, folders and files; empty when the flow can run here. */
  readonly issues: readonly FlowIssue[];
}

/**
 * Plans a flow and asks the system for what it needs; starts nothing. Throws a FlowError when the selection names
 * unknown actors.
 *
 * @example
 * const { plan } = check(flow({ actors: { hello: { run: ["echo", "hello"] } } }));
 * console.log(plan.edges[0]?.carrier); // "descriptor"
 */
export function check(
  flow: Flow,
  options: Pick<RunOptions, "selection" | "start" | "processes"> = {},
): CheckResult {
  checkIsFlow(flow);
  checkOptions(options);
  const plan = planHere(flow, options);
  return { plan, ...findHazards(plan), issues: toShown(preflight(plan), plan.flow) };
}
