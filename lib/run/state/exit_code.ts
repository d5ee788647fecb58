/** How a run ends for whoever called it. */
import { constants } from "node:os";
import type { Failure } from "../../core/failure.ts";
import type { RunResult } from "../../core/result.ts";

/**
 * The exit code of a run: 0 done; 1 an actor failed; 3 a deadlock; 4 a limit of time or of an actor;
 * 128 + n stopped by signal n. The first failure is the cause of what came after it.
 */
export function exitCodeOf(
  state: RunResult["state"],
  { failures, signal = "SIGTERM" }: { readonly failures: readonly Failure[]; readonly signal?: string },
): number {
  if (state === "done") return 0;
  if (state === "stopped") {
    return 128 + (Object.entries(constants.signals).find(([known]) => known === signal)?.[1] ??
      constants.signals.SIGTERM);
  }
  // That the database or the cache broke is the cause of nothing else.
  const first = failures.find(({ kind }) => kind !== "capture" && kind !== "cache");
  switch (first?.kind) {
    case "mailbox":
      return first.cause.kind === "limit" ? 4 : 1;
    case "input":
    case "keep":
      return first.over === undefined ? 1 : 4;
    case "deadlock":
    case "starved":
      return 3;
    case "timeout":
    case "stall":
    case "limit":
      return 4;
    default:
      return 1;
  }
}
