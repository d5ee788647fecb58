/** Folders in shared memory: files there are memory that several processes look at, and never reach a disk. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

const SHARED_MEMORY = "/dev/shm";

/** Where a folder in shared memory would be; it is not there yet. */
export function nameSharedFolder(name: string): string {
  return join(SHARED_MEMORY, name);
}

/** Makes it, for this user alone; false where the system has none, or lets nobody in. */
export function makeSharedFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch {
    return false; // Files on a disk do the same, more slowly.
  }
}
