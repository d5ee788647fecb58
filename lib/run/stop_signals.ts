/**
 * Ctrl-C and its like for a run: the first signal stops it in order, the second at once; Ctrl-Z halts it with all its
 * processes, which a terminal does not see in their own sessions.
 */
import process from "node:process";
import type { Plan } from "../core/plan.ts";
import type { RunResult } from "../core/result.ts";
import { onSignal } from "../host/spawn/ignored_signals.ts";
import type { PlanRunOptions, RunControl } from "./state/run_options.ts";
import { runPlan } from "./run_plan.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * Runs a plan; SIGINT, SIGTERM, SIGHUP and SIGQUIT of the engine stop it, and a second one of them kills. A signal that
 * was ignored when the engine was started stays so.
 */
export async function runWithSignals(
  plan: Plan,
  options: Omit<PlanRunOptions, "killSignal"> = {},
): Promise<RunResult> {
  const stop = new AbortController();
  const kill = new AbortController();
  let control: RunControl | undefined;
  const removes = SIGNALS.map((signal) =>
    onSignal(signal, () => {
      if (stop.signal.aborted) kill.abort(signal);
      else stop.abort(signal);
    })
  );
  removes.push(onSignal("SIGTSTP", () => {
    control?.signalAll("SIGSTOP");
    process.kill(process.pid, "SIGSTOP");
    // From here on the engine has been continued.
    control?.signalAll("SIGCONT");
  }));
  try {
    return await runPlan(plan, {
      ...options,
      signal: options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]),
      killSignal: kill.signal,
      onStarted: (started) => {
        control = started;
        options.onStarted?.(started);
      },
    });
  } finally {
    for (const remove of removes) remove();
  }
}
