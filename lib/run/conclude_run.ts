/**
 * The end of a run: its files are put in place or removed, and what is left is its result.
 */
import type { Failure } from "../core/failure.ts";
import { groupOf } from "../core/instance.ts";
import type { Plan } from "../core/plan.ts";
import type { RunResult } from "../core/result.ts";
import type { ActorRun } from "./state/actor_run.ts";
import { exitCodeOf } from "./state/exit_code.ts";
import type { RunSplits } from "./actors/run_splits.ts";
import type { FlowBorder, RunVerdict } from "./wiring/flow_border.ts";
import type { RunState } from "./state/run_state.ts";

/** Ends a run in which nothing is under way any more. */
export function concludeRun(
  { flow, memberPools }: Plan,
  { state, ends, splits, actors }: {
    readonly state: RunState;
    readonly ends: FlowBorder;
    readonly splits: Pick<RunSplits, "finish"> | undefined;
    readonly actors: ReadonlyMap<string, ActorRun>;
  },
): RunResult {
  const { failures, stopping } = state;
  const isOver = new Set(memberPools.flatMap((pool) => pool.actors.map(({ name }) => name)));
  for (const run of actors.values()) run.recount();
  const isStopped = stopping !== undefined && stopping.reason !== "failure";
  const verdict: RunVerdict = {
    // A failure that is nobody's leaves no output whole.
    isStopped: isStopped || failures.some((failure) => isOfFlow(failure)),
    failed: new Set(failures.flatMap((failure) => {
      // Nothing is given on of a flow that has failed as a whole.
      if (failure.whole !== undefined) return listUnit(failure.whole.actor, flow);
      if (failure.kind === "message") return listTalkers(flow);
      const actor = actorOf(failure);
      // A member that has failed is left out, or has stopped the run.
      if (actor === undefined || actors.has(actor)) return actor ?? [];
      return flow.onFailure === "continue" && isOver.has(groupOf(actor)) ? [] : groupOf(actor);
    })),
  };
  const outputs = [
    ...ends.finish(verdict),
    ...splits?.finish((output) => ends.keeps(output, verdict)) ?? [],
  ];
  for (const output of outputs) state.emit({ type: "output", output });
  const end = isStopped ? "stopped" : failures.length > 0 ? "failed" : "done";
  const exitCode = exitCodeOf(end, { failures, signal: stopping?.signal });
  const endedAt = Date.now();
  const durationMs = endedAt - state.startedAt;
  state.emit({ type: "run-ended", run: state.id, state: end, exitCode, durationMs });
  return {
    id: state.id,
    flow: flow.name,
    state: end,
    exitCode,
    startedAt: state.startedAt,
    endedAt,
    durationMs,
    actors: Object.fromEntries([...actors].map(([name, run]) => [name, run.result])),
    outputs,
    failures: [...failures], // Others may follow.
    ...(ends.captured === undefined ? {} : { stdout: ends.captured }),
  };
}

/** The result, with failures that came after it was made. */
export function withLateFailures(result: RunResult, failures: readonly Failure[]): RunResult {
  if (result.state !== "done") return { ...result, failures };
  return { ...result, state: "failed", exitCode: exitCodeOf("failed", { failures }), failures };
}

function listUnit(unit: string, { actors }: Plan["flow"]): readonly string[] {
  return [...actors.values()].filter((actor) => actor.unit?.name === unit).map(({ name }) => name);
}

/** Whose work may have hung on a message that was lost: what it would have led to, nobody knows. */
function listTalkers({ actors }: Plan["flow"]): readonly string[] {
  return [...actors.values()].filter(({ messaging }) => messaging !== undefined).map(({ name }) => name);
}

/** The actor that a failure is of, if it is one's. */
function actorOf(failure: Failure): string | undefined {
  return "actor" in failure ? failure.actor : undefined;
}

function isOfFlow(failure: Failure): boolean {
  if (["capture", "cache", "message"].includes(failure.kind)) return false;
  return failure.kind !== "write" && actorOf(failure) === undefined;
}
