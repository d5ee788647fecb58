/**
 * What is told of the actors over a stream when no record is left, and no member.
 */
import { readPosition } from "../../process/proc/process_table.ts";
import type { RunCapture } from "../capture/run_capture.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { MemberTally } from "../state/member_tally.ts";
import type { RunState } from "../state/run_state.ts";

/** The members of a pool, all of them ended. */
export interface EndedMembers {
  /** What stands for all instances of each actor. */
  readonly patterns: readonly ActorRun[];
  readonly startedAt: number;
  /** Of each actor. */
  readonly counts: ReadonlyMap<string, MemberTally>;
}

/** Gives the verdict on each actor, and tells it. */
export function concludeMembers(
  { patterns, startedAt, counts }: EndedMembers,
  { state, relays, capture }: {
    readonly state: Pick<RunState, "isStopping" | "emit">;
    readonly relays: Pick<RelayClient, "countGiven">;
    readonly capture: Pick<RunCapture, "noteFinished"> | undefined;
  },
): void {
  const endedAt = Date.now();
  for (const run of patterns) {
    const { name } = run.actor;
    const { started = 0, ended: members } = counts.get(name) ?? {};
    const end = (members?.failed ?? 0) > 0 ? "failed" : state.isStopping ? "stopped" : "done";
    const closedEarly = end === "done" && run.gate.haveAllReadersLeft();
    const { peakMemoryBytes } = run.process;
    const result = {
      state: end,
      processes: started - (members?.cached ?? 0),
      ...members && { members },
      ...(closedEarly ? { closedEarly: true } : {}),
      startedAt,
      endedAt,
      durationMs: endedAt - startedAt,
      bytesIn: run.countBytesIn({ ofEdges: (edges) => relays.countGiven(edges), ofFile: readPosition }),
      bytesOut: run.gate.countBytes(),
      ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
    } as const;
    run.end(result);
    if (end !== "stopped" && !closedEarly) capture?.noteFinished(name);
    state.emit({ type: "actor-ended", actor: name, result });
  }
}
