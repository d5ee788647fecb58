/**
 * The public way to run a flow from TypeScript, and the program's.
 */
import type { Flow } from "../core/flow.ts";
import type { FlowIssue } from "../core/issue.ts";
import type { Plan } from "../core/plan.ts";
import type { RunResult } from "../core/result.ts";
import { workingFolder } from "../host/files/working_folder.ts";
import { checkStandard } from "../process/start/check_standard.ts";
import { preflight } from "../process/start/preflight.ts";
import { checkIsFlow, checkOptions } from "./check_options.ts";
import type { LoadedState } from "./state/loaded_state.ts";
import { planHere, toFlowError, toShown } from "./plan_here.ts";
import type { RunOptions } from "./state/run_options.ts";
import { withoutCache, withStores } from "./capture/run_stores.ts";

/**
 * Runs a flow to its end. What goes wrong in the run is in the result (`exitCode`, `failures`); a flow that cannot be
 * started here (missing program, folder or file) throws a FlowError, and nothing was started; a database that cannot be
 * used throws a StoreError, an option that cannot be used a TypeError, a working directory that was removed a WorkingFolderError.
 *
 * @example
 * const result = await run(flow({ actors: { hello: { run: ["echo", "hello"] } } }), { stdout: "capture" });
 * console.log(new TextDecoder().decode(result.stdout)); // hello
 */
export async function run(flow: Flow, options: RunOptions = {}): Promise<RunResult> {
  checkIsFlow(flow);
  checkOptions(options);
  workingFolder(); // Some runtimes start no thread without one, and do not say why.
  const placed = await atEndpoint(flow, options);
  return await withState(placed, options, async (given, state) => {
    const { plan, standard } = planRun(given, options);
    const isCaptured = options.db !== undefined;
    await state?.prepare(plan, { isCaptured });
    const found = [
      ...preflight(plan),
      ...checkStandard(plan, standard),
      ...await listSchemaIssues(plan, options),
    ];
    const issues = toShown(found, plan.flow);
    if (issues.length > 0) throw toFlowError(issues);
    await options.onPlanned?.(plan);
    return await runStored(plan, { ...options, ...(state === undefined ? {} : { state }) });
  });
}

/** The plan that `run` would carry out with the same options. Throws what it throws before it asks the system. */
export async function planOfRun(flow: Flow, options: RunOptions = {}): Promise<Plan> {
  return await withState(await atEndpoint(flow, options), options, (given) => planRun(given, options).plan);
}

async function atEndpoint(flow: Flow, { endpoint }: RunOptions): Promise<Flow> {
  return endpoint === undefined ? flow : (await import("./with_endpoint.ts")).withEndpoint(flow, endpoint);
}

/** Does something with the flow, or with what is left of it when it goes on from an earlier run. */
async function withState<Result>(
  flow: Flow,
  { loadState: file, resume = false, db }: RunOptions,
  action: (flow: Flow, state?: LoadedState) => Result | Promise<Result>,
): Promise<Result> {
  if (file === undefined && (!resume || db === undefined)) return await action(flow);
  const { loadState, resumeState } = await import("./capture/load_state.ts");
  const state = file !== undefined
    ? loadState(flow, file)
    : db !== undefined
    ? resumeState(flow, db)
    : undefined;
  if (state === undefined) return await action(flow);
  try {
    return await action(state.flow, state);
  } finally {
    await state.remove();
  }
}

interface PlannedRun {
  readonly plan: Plan;
  /** How standard input and output are carried. */
  readonly standard: Parameters<typeof checkStandard>[1];
}

function planRun(
  flow: Flow,
  { selection, start, processes, db, cache, stdin = "inherit", stdout = "inherit" }: RunOptions,
): PlannedRun {
  const standard = {
    stdin: stdin === "inherit" ? "inherit" : "stream",
    stdout: stdout === "inherit" ? "inherit" : "stream",
  } as const;
  const isCaptured = db !== undefined;
  const given = cache === false ? withoutCache(flow) : flow;
  return { plan: planHere(given, { selection, start, processes, isCaptured, ...standard }), standard };
}

/** What is wrong with the schemas that messages are to be held against. */
async function listSchemaIssues(
  { actors }: Plan,
  { checkMessages = false }: RunOptions,
): Promise<readonly FlowIssue[]> {
  return checkMessages ? (await import("./check_schemas.ts")).checkSchemas(actors) : [];
}

/** Runs a plan with the stores that it needs; loaded is what runs it only now, when it is certain that it can run. */
async function runStored(
  plan: Plan,
  options: RunOptions & { readonly state?: LoadedState },
): Promise<RunResult> {
  const { db, cache, resume = false, stopsOnSignals = false, endpoint: _, ...rest } = options;
  const start = stopsOnSignals
    ? (await import("./stop_signals.ts")).runWithSignals
    : (await import("./run_plan.ts")).runPlan;
  const cacheFolder = cache === false ? undefined : cache;
  return await withStores(
    plan,
    { db, cacheFolder },
    (stores) => start(plan, { ...rest, ...stores, isResumed: resume }),
  );
}
