/**
 * What everybody is doing at a moment: for the failure that says why nothing went on.
 */
import { isProcess } from "../../core/flow.ts";
import type { ActorActivity } from "../../core/wait.ts";
import { readWaits } from "../../process/proc/blocked.ts";
import type { ProcessRun } from "../../process/state/process_run.ts";

/** What each process that has not ended is doing. */
export function listActivities(runs: Iterable<ProcessRun>): readonly ActorActivity[] {
  return [...runs].filter((run) =>
    isProcess(run.actor) && (run.state.is !== "ended" || run.left.pids.length > 0)
  )
    .map(describe);
}

function describe({ actor, pid: own, left: { pids: [left] }, open: { pipes } }: ProcessRun): ActorActivity {
  const pid = own ?? left;
  if (pid === undefined) return { actor: actor.name, does: "not started", at: [] };
  const found = readWaits(pid, pipes);
  switch (found.kind) {
    case "unknown":
      return { actor: actor.name, does: "unknown", at: [] };
    case "busy":
      return { actor: actor.name, does: found.why === "runs" ? "works" : found.why, at: [] };
    case "waits": {
      const at = [...new Set(found.at.flatMap(({ pipe }) => pipes.get(pipe) ?? []))];
      return { actor: actor.name, does: at.length === 0 ? "outside" : "waits", at };
    }
  }
}
