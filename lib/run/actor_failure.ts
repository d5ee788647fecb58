/**
 * What is told of an actor that has ended badly.
 */
import type { Failure, ReachedLimit } from "../core/failure.ts";
import type { ExitStatus } from "../host/spawned_process.ts";
import type { ActorRun } from "./actor_run.ts";

/** The limit that it has reached, of time first; otherwise how its process ended. */
export function failureOf(
  { actor, overTime, lastLines }: Pick<ActorRun, "actor" | "overTime" | "lastLines">,
  { status, command, reached }: {
    readonly status: ExitStatus;
    readonly command: readonly string[];
    readonly reached: ReachedLimit | undefined;
  },
): Failure {
  if (overTime !== undefined) return overTime.failure;
  const known = { actor: actor.name, command, lastLines: [...lastLines] };
  if (reached !== undefined) return { kind: "limit", ...known, ...reached };
  const filesMax = actor.limits?.files;
  return { kind: "exit", ...known, ...status, ok: actor.ok, ...filesMax === undefined ? {} : { filesMax } };
}
