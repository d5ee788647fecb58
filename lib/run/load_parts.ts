/**
 * What only some plans need is loaded only for those: here, at one place, before anything is started.
 */
import { isMessageActor } from "../core/flow.ts";
import type { Plan } from "../core/plan.ts";
import type { openThread } from "../host/engine_thread.ts";
import type { CachedActors } from "./cached_actors.ts";
import type { KeptStreams } from "./kept_streams.ts";
import type { startMessages } from "./message_run.ts";
import type { captureRun } from "./run_capture.ts";
import type { PlanRunOptions } from "./run_options.ts";

/** Each is undefined when the plan can do without. */
export interface LoadedParts {
  readonly captureRun: typeof captureRun | undefined;
  readonly startMessages: typeof startMessages | undefined;
  /** Only message actors can spawn who reads it. */
  readonly KeptStreams: typeof KeptStreams | undefined;
  readonly CachedActors: typeof CachedActors | undefined;
  readonly openThread: typeof openThread | undefined;
}

export async function loadParts(
  plan: Plan,
  { capture, cache }: Pick<PlanRunOptions, "capture" | "cache">,
): Promise<LoadedParts> {
  const hasMessages = plan.actors.some(isMessageActor);
  const isRelayed = plan.edges.some(({ carrier }) => carrier === "relay");
  return {
    captureRun: capture && (await import("./run_capture.ts")).captureRun,
    startMessages: hasMessages ? (await import("./message_run.ts")).startMessages : undefined,
    KeptStreams: hasMessages ? (await import("./kept_streams.ts")).KeptStreams : undefined,
    CachedActors: cache && (await import("./cached_actors.ts")).CachedActors,
    openThread: isRelayed ? (await import("../host/engine_thread.ts")).openThread : undefined,
  };
}
