/**
 * The limits of a run, and what a reached one does to it: one of the flow's time ends it; with `onFailure: continue` that
 * of an actor ends the actor. Loaded only where something is limited.
 */
import type { Failure } from "../core/failure.ts";
import type { DeadlineHooks } from "../process/limits/deadlines.ts";
import { ProcessLimits } from "../process/limits/process_limits.ts";
import type { LeftBehind } from "../process/proc/left_behind.ts";
import type { ProcessStopper } from "../process/stop/process_stopper.ts";
import { listActivities } from "./state/activities.ts";
import { delayOf } from "./actors/actor_life.ts";
import type { Units } from "./actors/units.ts";
import type { FlowBorder } from "./wiring/flow_border.ts";
import type { ProcessRoster } from "./actors/process_roster.ts";
import type { RunState } from "./state/run_state.ts";

interface LimitedParts {
  readonly state: Pick<RunState, "fail" | "isStopping" | "stop" | "track">;
  readonly ends: Pick<FlowBorder, "listWaiting">;
  readonly roster: ProcessRoster;
  readonly stopper: Pick<ProcessStopper, "stop">;
  readonly units?: () => Pick<Units, "isTriedAgain"> | undefined;
}

export function makeLimits(
  parts: LimitedParts & { readonly stopper: Pick<ProcessStopper, "kill">; readonly left: LeftBehind },
): ProcessLimits {
  const { state, stopper, left } = parts;
  return new ProcessLimits({
    left,
    onReached: (reached) => failForTime(reached, parts),
    onOverMemory: (run) => state.track(stopper.kill(run)),
  });
}

/** A limit of time was reached. */
export function failForTime(
  { kind, run, limitMs }: Parameters<DeadlineHooks["onReached"]>[0],
  { state, ends, roster, stopper, units }: LimitedParts,
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
  const isTold = delayOf(run, state) === undefined && units?.()?.isTriedAgain(run) !== true;
  run.noteOver({ limit: "time", failure, isTold });
  if (isTold) state.fail(failure);
  if (!state.isStopping) state.track(stopper.stop(run));
}
