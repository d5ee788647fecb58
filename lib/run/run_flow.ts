/**
 * The public way to check and run a flow from TypeScript.
 */
import type { Flow } from "../core/flow.ts";
import type { FlowIssue } from "../core/issue.ts";
import { FlowError } from "../core/issue.ts";
import type { Plan, Selection } from "../core/plan.ts";
import type { RunResult } from "../core/result.ts";
import { formatIssues } from "../flow/issue_text.ts";
import type { Hazard } from "../graph/find_hazards.ts";
import { findHazards } from "../graph/find_hazards.ts";
import { planFlow } from "../graph/plan_flow.ts";
import { isNamedPipe } from "../host/named_pipe.ts";
import { workingFolder } from "../host/working_folder.ts";
import { checkStandard } from "../process/check_standard.ts";
import { preflight } from "../process/preflight.ts";
import { canLook } from "../process/process_table.ts";
import type { LoadedState } from "./load_state.ts";
import type { PlanRunOptions } from "./run_options.ts";
import { runPlan } from "./run_plan.ts";
import { withoutCache, withStores } from "./run_stores.ts";

export interface RunOptions extends Omit<PlanRunOptions, "capture" | "state" | "cache" | "onStarted"> {
  /** Run only a part of the flow. @default {kind: "all"} */
  readonly selection?: Selection;
  /** @default what the flow says */
  readonly start?: "eager" | "lazy";
  /** Most processes at the same time. @default what the flow says, else all */
  readonly processes?: number;
  /** A file: the run and every stream go into this SQLite database, see `docs/capture.md`. @default nowhere */
  readonly db?: string;
  /** Such a database: what its newest run has built is not run again. @default nothing */
  readonly loadState?: string;
  /** True to go on with the run that `db` has captured last: what is complete is not run again. @default false */
  readonly resume?: boolean;
  /**
   * The folder in which actors with `cache` keep what they write; `false` runs them like all others. @default
   * SLUICE_CACHE, or `sluice` in the user's folder for caches
   */
  readonly cache?: string | false;
}

/** What `check` finds: how each edge would be carried, what a shell would hang on, what the system lacks. */
export interface CheckResult {
  readonly plan: Plan;
  readonly hazards: readonly Hazard[];
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
  const planned = planFlow(flow, { ...options, isNamedPipe, canLook: canLook() });
  if (!planned.ok) throw toError(planned.issues);
  return { plan: planned.plan, hazards: findHazards(planned.plan).hazards, issues: preflight(planned.plan) };
}

/**
 * Runs a flow to its end. What goes wrong in the run is in the result (`exitCode`, `failures`); a flow that cannot be
 * started here (missing program, folder or file) throws a FlowError, and nothing was started; a database that cannot be
 * used throws a StoreError, a working directory that was removed a WorkingFolderError.
 *
 * @example
 * const result = await run(flow({ actors: { hello: { run: ["echo", "hello"] } } }), { stdout: "capture" });
 * console.log(new TextDecoder().decode(result.stdout)); // hello
 */
export async function run(flow: Flow, options: RunOptions = {}): Promise<RunResult> {
  workingFolder(); // Some runtimes start no thread without one, and do not say why.
  const { loadState: file, resume = false, db } = options;
  if (file === undefined && !resume) return await runFrom(flow, options);
  const { loadState, resumeState } = await import("./load_state.ts");
  const state = file !== undefined
    ? loadState(flow, file)
    : db !== undefined
    ? resumeState(flow, db)
    : undefined;
  if (state === undefined) return await runFrom(flow, options);
  try {
    return await runFrom(state.flow, { ...options, state });
  } finally {
    await state.remove();
  }
}

async function runFrom(
  flow: Flow,
  options: RunOptions & { readonly state?: LoadedState },
): Promise<RunResult> {
  const { selection, start, processes, db, cache, loadState: _, resume = false, ...rest } = options;
  const isCaptured = db !== undefined;
  const standard = {
    stdin: (rest.stdin ?? "inherit") === "inherit" ? "inherit" : "stream",
    stdout: (rest.stdout ?? "inherit") === "inherit" ? "inherit" : "stream",
  } as const;
  const planned = planFlow(cache === false ? withoutCache(flow) : flow, {
    selection,
    start,
    processes,
    isCaptured,
    isNamedPipe,
    canLook: canLook(),
    ...standard,
  });
  if (!planned.ok) throw toError(planned.issues);
  await rest.state?.prepare(planned.plan, { isCaptured });
  const issues = [...preflight(planned.plan), ...checkStandard(planned.plan, standard)];
  if (issues.length > 0) throw toError(issues);
  return await withStores(
    planned.plan,
    { db, cacheFolder: cache === false ? undefined : cache },
    (stores) => {
      return runPlan(planned.plan, { ...rest, ...stores, isResumed: resume });
    },
  );
}

function toError(issues: readonly FlowIssue[]): FlowError {
  return new FlowError(formatIssues(issues, { color: false }), issues);
}
