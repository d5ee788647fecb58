/**
 * What has become of a process: decided once, at the moment when it ends, from what is known then.
 */
import type { Failure, ReachedLimit } from "../../core/failure.ts";
import type { ActorResult } from "../../core/result.ts";
import type { ExitStatus } from "../../host/spawn/spawned_process.ts";
import type { ProcessRun } from "../state/process_run.ts";
import type { Judged } from "../limits/reached_limit.ts";
import { reachedLimit } from "../limits/reached_limit.ts";

export interface Verdict {
  readonly end: "done" | "failed" | "stopped";
  /** It ended because nobody read it any more. */
  readonly closedEarly: boolean;
  readonly reached: ReachedLimit | undefined;
}

/**
 * A limit that was reached is a failure whatever the exit code, also of time: who ends well when told to has not done
 * its work. Whoever ends badly because the engine ended it, or because nobody reads it, has not failed.
 */
export function judge(
  process: Judged,
  { status, wasStopping, haveReadersLeft }: {
    readonly status: ExitStatus;
    /** The run was being ended. */
    readonly wasStopping: boolean;
    /** It had readers, and all of them have left. */
    readonly haveReadersLeft: boolean;
  },
): Verdict {
  const reached = reachedLimit(process, { status, wasStopping });
  if (reached !== undefined || process.over !== undefined) {
    return { end: "failed", closedEarly: false, reached };
  }
  const isOk = status.code !== undefined && process.actor.ok.includes(status.code);
  if (isOk || haveReadersLeft) return { end: "done", closedEarly: !isOk, reached };
  return { end: wasStopping || process.isStopped ? "stopped" : "failed", closedEarly: false, reached };
}

/** What is told of one that has failed: the limit that it has reached, of time first; otherwise how it ended. */
export function failureOf(
  { actor, over, lastLines }: Pick<ProcessRun, "actor" | "over" | "lastLines">,
  { status, command, reached }: {
    readonly status: ExitStatus;
    readonly command: readonly string[];
    readonly reached: ReachedLimit | undefined;
  },
): Failure {
  if (over?.limit === "time") return over.failure;
  const known = { actor: actor.name, command, lastLines: [...lastLines] };
  if (reached !== undefined) return { kind: "limit", ...known, ...reached };
  const filesMax = actor.limits?.files;
  return { kind: "exit", ...known, ...status, ok: actor.ok, ...filesMax === undefined ? {} : { filesMax } };
}

/** What is left of a process. */
export function resultOf(
  { end, closedEarly }: Verdict,
  { pid, status, startedAt, endedAt, peakMemoryBytes }: {
    readonly pid: number;
    readonly status: ExitStatus;
    readonly startedAt: number;
    readonly endedAt: number;
    readonly peakMemoryBytes: number | undefined;
  },
): ActorResult {
  return {
    state: end,
    pid,
    ...(status.signal === undefined ? { exitCode: status.code ?? 1 } : { signal: status.signal }),
    ...(closedEarly ? { closedEarly } : {}),
    startedAt,
    endedAt,
    durationMs: endedAt - startedAt,
    ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
  };
}
