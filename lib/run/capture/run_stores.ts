/**
 * Where a run keeps something: its database and the cache. Opened before anything is started, closed after everything.
 */
import type { Actor, Flow } from "../../core/flow.ts";
import { mayBeCached } from "../../core/flow.ts";
import type { Plan } from "../../core/plan.ts";
import type { PlanRunOptions } from "../state/run_options.ts";

export interface StoreNames {
  /** The database to capture the run into. */
  readonly db: string | undefined;
  /** The folder of the cache, when it is not the usual one. */
  readonly cacheFolder?: string | undefined;
}

/** Opens what a plan needs for the time of an action. Rejects with a StoreError when it cannot be used. */
export async function withStores<Result>(
  plan: Plan,
  { db, cacheFolder }: StoreNames,
  action: (stores: Pick<PlanRunOptions, "capture" | "cache">) => Promise<Result>,
): Promise<Result> {
  const isCached = plan.actors.some(mayBeCached);
  // Loaded only when they are needed.
  const caches = isCached ? await import("../../store/cache/open_cache.ts") : undefined;
  // Asked before anything is started.
  const bytesMax = caches?.cacheBytesMax() ?? 0;
  const cache = caches?.openCache(cacheFolder);
  try {
    const captures = db === undefined ? undefined : await import("../../store/capture/capture.ts");
    const capture = db === undefined ? undefined : await captures?.openCapture(db);
    try {
      return await action({
        ...(capture === undefined ? {} : { capture }),
        ...(cache === undefined ? {} : { cache }),
      });
    } finally {
      await capture?.close();
    }
  } finally {
    if (cache !== undefined) caches?.closeCache(cache, { bytesMax });
  }
}

/** The flow with actors that are all run. */
export function withoutCache(flow: Flow): Flow {
  const actors = [...flow.actors.values()].map(({ isCached: _, ...actor }): Actor => actor);
  return { ...flow, actors: new Map(actors.map((actor) => [actor.name, actor])) };
}
