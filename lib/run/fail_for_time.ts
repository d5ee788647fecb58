/**
 * What a reached limit of time does to a run: one of the flow ends it; with `onFailure: continue` that of an actor ends
 * the actor.
 */
import type { Failure } from "../core/failure.ts";
import type { DeadlineHooks } from "../process/limits/deadlines.ts";
import type { ProcessStopper } from "../process/stop/process_stopper.ts";
import { listActivities } from "./state/activities.ts";
import { delayOf } from "./actors/actor_life.ts";
import type { FlowBorder } from "./wiring/flow_border.ts";
import type { ProcessRoster } from "./actors/process_roster.ts";
import type { RunState } from "./state/run_state.ts";

/** A limit was reached. */
export function failForTime(
  { kind, run, limitMs }: Parameters<DeadlineHooks["onReached"]>[0],
  { state, ends, roster, stopper }: {
    readonly state: Pick<RunState, "fail" | "isStopping" | "stop" | "track">;
    readonly ends: Pick<FlowBorder, "listWaiting">;
    readonly roster: ProcessRoster;
    readonly stopper: Pick<ProcessStopper, "stop">;
  },
): void {
  const activities = [...listActivities(roster.list()), ...ends.listWaiting()];
  const failure: Failure = {
    kind,
    ...(run === undefined ? {} : { actor: run.actor.name }),
    limitMs,
    activities,
  };
  if (run === undefined) {
    state.fail(failure);
    return state.stop({ reason: "failure" });
  }
  // Of one that is run again it is told as the reason.
  const isTold = delayOf(run, state) === undefined;
  run.noteOver({ limit: "time", failure, isTold });
  if (isTold) state.fail(failure);
  if (!state.isStopping) state.track(stopper.stop(run));
}
