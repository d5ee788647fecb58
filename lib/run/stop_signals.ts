/**
 * Ctrl-C and its like for a run: the first signal stops it in order, the second at once.
 */
import process from "node:process";
import type { Plan } from "../core/plan.ts";
import type { RunResult } from "../core/result.ts";
import type { PlanRunOptions } from "./run_options.ts";
import { runPlan } from "./run_plan.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs a plan; SIGINT, SIGTERM and SIGHUP of the engine stop it, and a second one of them kills. */
export async function runWithSignals(
  plan: Plan,
  options: Omit<PlanRunOptions, "signal" | "killSignal"> = {},
): Promise<RunResult> {
  const stop = new AbortController();
  const kill = new AbortController();
  const handlers = SIGNALS.map((signal) => {
    const handler = (): void => {
      if (stop.signal.aborted) kill.abort(signal);
      else stop.abort(signal);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  try {
    return await runPlan(plan, { ...options, signal: stop.signal, killSignal: kill.signal });
  } finally {
    for (const remove of handlers) remove();
  }
}
