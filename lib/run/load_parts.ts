/**
 * What only some plans need is loaded only for those: here, at one place, before anything is started.
 */
import { isMessageActor } from "../core/flow.ts";
import type { Plan } from "../core/plan.ts";
import type { MemberJournal } from "../store/member_journal.ts";
import type { openThread } from "../host/threads/engine_thread.ts";
import type { EdgeSampler } from "./actors/edge_sampler.ts";
import type { InputFiles } from "./wiring/input_files.ts";
import type { MemberPools } from "./actors/member_pools.ts";
import type { RunSplits } from "./actors/run_splits.ts";
import type { CachedActors } from "./cache/cached_actors.ts";
import type { makeCached } from "./cache/cached_parts.ts";
import type { CachedMembers } from "./cache/cached_members.ts";
import type { KeptStreams } from "./logs/kept_streams.ts";
import type { startMessages } from "./message_run.ts";
import type { RunPools } from "./actors/run_pools.ts";
import type { Units } from "./actors/units.ts";
import type { openGateway } from "./remotes/remote_gateway.ts";
import type { RunRemotes } from "./remotes/run_remotes.ts";
import type { makeLimits } from "./run_limits.ts";
import type { wireCopy } from "./wiring/wire_copy.ts";
import type { captureRun } from "./capture/run_capture.ts";
import type { CheckSchemas, PlanRunOptions } from "./state/run_options.ts";

/** Each is undefined when the plan can do without. */
export interface LoadedParts {
  readonly captureRun: typeof captureRun | undefined;
  readonly startMessages: typeof startMessages | undefined;
  /** Only message actors can spawn who reads it. */
  readonly KeptStreams: typeof KeptStreams | undefined;
  readonly makeCached: typeof makeCached | undefined;
  readonly CachedActors: typeof CachedActors | undefined;
  readonly CachedMembers: typeof CachedMembers | undefined;
  readonly MemberPools: typeof MemberPools | undefined;
  readonly RunSplits: typeof RunSplits | undefined;
  readonly MemberJournal: typeof MemberJournal | undefined;
  /** Of actors that are several processes. */
  readonly RunPools: typeof RunPools | undefined;
  readonly wireCopy: typeof wireCopy | undefined;
  readonly InputFiles: typeof InputFiles | undefined;
  readonly makeLimits: typeof makeLimits | undefined;
  /** Of flows that are used with `retry`. */
  readonly Units: typeof Units | undefined;
  readonly openThread: typeof openThread | undefined;
  /** Of flows with actors in other programs. */
  readonly openGateway: typeof openGateway | undefined;
  readonly RunRemotes: typeof RunRemotes | undefined;
  /** Only somebody who looks needs it. */
  readonly EdgeSampler: typeof EdgeSampler | undefined;
  /** Only where messages are held against what the flow says of them. */
  readonly checkSchemas: CheckSchemas | undefined;
}

export async function loadParts(
  plan: Plan,
  { capture, cache, wantsEdges = false, checkMessages = false }: Pick<
    PlanRunOptions,
    "capture" | "cache" | "wantsEdges" | "checkMessages"
  >,
): Promise<LoadedParts> {
  const hasMessages = plan.actors.some(isMessageActor);
  const hasWorkers = plan.actors.some(({ workers }) => workers !== undefined);
  const hasPools = hasWorkers || plan.memberPools.length > 0;
  const hasFiles = plan.joins.some(({ isFile }) => isFile === true);
  // Those that are spawned may have limits that nobody knows yet.
  const isLimited = hasMessages || plan.flow.timeoutMs !== undefined ||
    plan.actors.some((actor) => (actor.timeoutMs ?? actor.stallMs ?? actor.limits) !== undefined);
  const hasUnits = plan.actors.some(({ unit }) => unit !== undefined);
  const isRemote = plan.flow.endpoint !== undefined ||
    plan.actors.some(({ source }) => source.kind === "remote");
  const isRelayed = plan.edges.some(({ carrier }) => carrier === "relay");
  if (plan.memberPools.length > 0) (await import("../host/memory.ts")).keepYoungSmall();
  return {
    captureRun: capture && (await import("./capture/run_capture.ts")).captureRun,
    startMessages: hasMessages ? (await import("./message_run.ts")).startMessages : undefined,
    KeptStreams: hasMessages ? (await import("./logs/kept_streams.ts")).KeptStreams : undefined,
    makeCached: cache && (await import("./cache/cached_parts.ts")).makeCached,
    CachedActors: cache && (await import("./cache/cached_actors.ts")).CachedActors,
    CachedMembers: cache && plan.memberPools.length > 0
      ? (await import("./cache/cached_members.ts")).CachedMembers
      : undefined,
    MemberJournal: plan.memberPools.length > 0 && capture !== undefined
      ? (await import("../store/member_journal.ts")).MemberJournal
      : undefined,
    RunSplits: plan.splits.length > 0 ? (await import("./actors/run_splits.ts")).RunSplits : undefined,
    MemberPools: plan.memberPools.length > 0
      ? (await import("./actors/member_pools.ts")).MemberPools
      : undefined,
    RunPools: hasPools ? (await import("./actors/run_pools.ts")).RunPools : undefined,
    wireCopy: hasWorkers ? (await import("./wiring/wire_copy.ts")).wireCopy : undefined,
    InputFiles: hasFiles ? (await import("./wiring/input_files.ts")).InputFiles : undefined,
    makeLimits: isLimited ? (await import("./run_limits.ts")).makeLimits : undefined,
    Units: hasUnits ? (await import("./actors/units.ts")).Units : undefined,
    openThread: isRelayed ? (await import("../host/threads/engine_thread.ts")).openThread : undefined,
    openGateway: isRemote ? (await import("./remotes/remote_gateway.ts")).openGateway : undefined,
    RunRemotes: isRemote ? (await import("./remotes/run_remotes.ts")).RunRemotes : undefined,
    EdgeSampler: wantsEdges ? (await import("./actors/edge_sampler.ts")).EdgeSampler : undefined,
    checkSchemas: checkMessages && hasMessages
      ? (await import("./check_schemas.ts")).checkSchemas
      : undefined,
  };
}
