/**
 * What a run has of a cache: for its actors, and for the members of streams.
 */
import type { Failure } from "../../core/failure.ts";
import type { Plan } from "../../core/plan.ts";
import type { RunFolder } from "../../process/start/run_folder.ts";
import type { ProcessStopper } from "../../process/stop/process_stopper.ts";
import type { RunCapture } from "../capture/run_capture.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { PlanRunOptions } from "../state/run_options.ts";
import type { RunState } from "../state/run_state.ts";
import type { CachedActors } from "./cached_actors.ts";
import type { CachedMembers } from "./cached_members.ts";

type ActorsClass = typeof CachedActors;
type MembersClass = typeof CachedMembers;

/** Loaded only where there is a cache. */
export function makeCached(
  plan: Plan,
  {
    options: { cache, isCacheIgnored = false },
    folder,
    loaded: { CachedActors, CachedMembers },
    relays,
    capture,
    state,
    stopper,
  }: {
    readonly options: PlanRunOptions;
    readonly folder: RunFolder;
    readonly loaded: {
      readonly CachedActors: ActorsClass | undefined;
      readonly CachedMembers: MembersClass | undefined;
    };
    readonly relays: RelayClient;
    readonly capture: RunCapture | undefined;
    readonly state: RunState;
    readonly stopper: ProcessStopper;
  },
): { readonly cached?: CachedActors; readonly cachedMembers?: CachedMembers } {
  if (cache === undefined) return {};
  const shared = {
    store: cache,
    folder: folder.path,
    isAnew: isCacheIgnored,
    onNotKept: (failure: Failure) => state.noteFailure(failure),
    onOver: ({ process }: ActorRun) => state.track(stopper.kill(process)),
  };
  const cached = CachedActors && new CachedActors(plan, {
    ...shared,
    relays,
    onStream: (stream, path) => capture?.keepFile(stream, path),
    onChange: () => state.change(),
    onFailure: (failure) => state.fail(failure),
    onError: (error) => state.reportBug(error),
  });
  const cachedMembers = CachedMembers && new CachedMembers(plan, shared);
  return { ...cached && { cached }, ...cachedMembers && { cachedMembers } };
}
