/** `sluice cache [list | trim | clear]` */
import { parseDuration } from "../../flow/schema/duration.ts";
import { isTooLarge, parseSize, SIZE_MAX } from "../../flow/schema/size.ts";
import { listCacheLines } from "../../report/text/cache_text.ts";
import { writeLines, writeText } from "../../report/sinks/write_text.ts";
import type { CacheStore } from "../../store/cache/cache_store.ts";
import { openCache } from "../../store/cache/open_cache.ts";
import { StoreError } from "../../store/capture/store_error.ts";
import type { Arguments, GivenOptions } from "../line/read_arguments.ts";
import { wantsColor } from "../line/terminal.ts";
import { UsageError } from "../line/usage_error.ts";

export function cacheCommand({ words, options }: Arguments): number {
  const [action = "list", ...more] = words;
  if (more.length > 0 || !["list", "trim", "clear"].includes(action)) {
    throw new UsageError(`Cannot do "${words.join(" ")}" with the cache (expected list, trim or clear)`);
  }
  const limits = readLimits(action, options);
  const store = open();
  try {
    if (action === "list") list(store, options);
    else tellRemoved(store, { removed: store.trim(limits), options });
    return 0;
  } finally {
    store.close();
  }
}

function readLimits(action: string, { max, unused }: GivenOptions): Parameters<CacheStore["trim"]>[0] {
  if (action === "clear") return { usedBefore: Infinity };
  if (action === "list") {
    if (max === undefined && unused === undefined) return {};
    throw new UsageError("--max and --unused are for trim (expected sluice cache trim --max 1GiB)");
  }
  if (max === undefined && unused === undefined) {
    throw new UsageError("There is nothing to trim to (expected --max SIZE or --unused TIME)");
  }
  const bytesMax = max === undefined ? undefined : parseSize(max);
  if (max !== undefined && (bytesMax === undefined || isTooLarge(bytesMax))) {
    throw new UsageError(`Cannot trim to "${max}" (expected a size such as --max 1GiB, at most ${SIZE_MAX})`);
  }
  const time = unused === undefined ? undefined : parseDuration(unused);
  if (time?.ok === false) {
    throw new UsageError(
      `Cannot trim what was not used for "${unused}": ${time.reason} (expected such as 12h)`,
    );
  }
  return {
    ...(bytesMax === undefined ? {} : { bytesMax }),
    ...(time === undefined ? {} : { usedBefore: Date.now() - time.ms }),
  };
}

function open(): CacheStore {
  try {
    return openCache();
  } catch (error) {
    throw error instanceof StoreError ? new UsageError(error.message) : error;
  }
}

function list(store: CacheStore, { json, "no-color": noColor = false }: GivenOptions): void {
  const entries = store.list();
  const bytes = store.countBytes();
  const { folder } = store;
  if (json === true) {
    return void writeText(1, `${JSON.stringify({ folder, bytes, entries }, undefined, 2)}\n`);
  }
  const color = wantsColor(1, noColor);
  writeLines(1, listCacheLines(entries, { bytes, folder, now: Date.now(), color }));
}

function tellRemoved(
  store: CacheStore,
  { removed, options: { json } }: { readonly removed: number; readonly options: GivenOptions },
): void {
  const left = store.list();
  const bytes = store.countBytes();
  if (json === true) return void writeText(1, `${JSON.stringify({ removed, left: left.length, bytes })}\n`);
  const [last] = listCacheLines(left, { bytes, folder: store.folder, now: Date.now(), color: false }).slice(
    -1,
  );
  writeLines(1, [`removed ${removed}; left: ${last ?? ""}`]);
}
