/**
 * Whether an actor has ended because of one of its limits.
 */
import { constants } from "node:os";
import type { ReachedLimit } from "../../core/failure.ts";
import { CPU_REACHED_SHARE } from "../../core/limits/process.ts";
import type { ExitStatus } from "../../host/spawn/spawned_process.ts";
import type { ProcessRun } from "../state/process_run.ts";

export type Judged = Pick<ProcessRun, "over" | "processorMs" | "isStopped"> & {
  readonly actor: Pick<ProcessRun["actor"], "limits" | "ok">;
};

/**
 * The limit that ended it. Of processor time: SIGXCPU says so, and SIGKILL does when it was not the engine's and a
 * process had used that much. Undefined when a limit of time has been told already.
 */
export function reachedLimit(
  { over, processorMs, isStopped, actor: { limits = {}, ok } }: Judged,
  { status, wasStopping }: { readonly status: ExitStatus; readonly wasStopping: boolean },
): ReachedLimit | undefined {
  if (over !== undefined) return over.limit === "time" ? undefined : over;
  const { cpuMs } = limits;
  if (cpuMs === undefined || (status.code !== undefined && ok.includes(status.code))) return undefined;
  const isReached = endedBy("SIGXCPU", status) ||
    (endedBy("SIGKILL", status) && !wasStopping && !isStopped && processorMs >= cpuMs * CPU_REACHED_SHARE);
  return isReached ? { limit: "cpu", limitMs: cpuMs } : undefined;
}

/** A shell tells of a signal that has ended its last command by 128 and its number. */
function endedBy(name: "SIGXCPU" | "SIGKILL", { code, signal }: ExitStatus): boolean {
  return signal === name || code === 128 + constants.signals[name];
}
