/**
 * Where the cache is, and how much it may keep.
 */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";
import { CACHE_BYTES_MAX } from "../../core/limits/store.ts";
import { toAbsolute } from "../../host/files/working_folder.ts";
import { DatabaseError } from "../../host/files/database.ts";
import { CacheStore } from "./cache_store.ts";
import { StoreError } from "../capture/store_error.ts";

/** The folder of the cache: SLUICE_CACHE, or one in the user's folder for caches. */
export function cacheFolder(): string {
  const { SLUICE_CACHE = "", XDG_CACHE_HOME = "" } = process.env;
  if (SLUICE_CACHE !== "") return toAbsolute(SLUICE_CACHE);
  // A relative path there is to be ignored, says the XDG Base Directory Specification.
  return join(isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), ".cache"), "sluice");
}

/** Opens the cache, in its usual folder when none is given. Throws a StoreError. */
export function openCache(folder: string = cacheFolder()): CacheStore {
  return new CacheStore(folder);
}

/**
 * Closes a cache after a run, and before that removes what was not used for the longest time when it has become too
 * large.
 */
export function closeCache(store: CacheStore, { bytesMax }: { readonly bytesMax: number }): void {
  try {
    store.trim({ bytesMax });
  } catch (error) {
    // The run is over and whole; the next one trims.
    if (!(error instanceof DatabaseError)) throw error;
  } finally {
    store.close();
  }
}

/** How much the cache may keep: SLUICE_CACHE_SIZE bytes, or 10 GiB. Throws a StoreError when that is no number. */
export function cacheBytesMax(): number {
  const { SLUICE_CACHE_SIZE: text = "" } = process.env;
  if (text === "") return CACHE_BYTES_MAX;
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new StoreError(
    `Cannot keep "${text}" in the cache: SLUICE_CACHE_SIZE is no number of bytes (expected one, such as 1073741824)`,
  );
}
