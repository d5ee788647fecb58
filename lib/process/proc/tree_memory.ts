/**
 * Resident memory of several processes together.
 */
import { listThreads, readMemory, readQuietly, readStat } from "./process_table.ts";

/** In bytes; what processes share, mapped files too, counts in each of them. Cheap: some 30 µs for each. */
export function readResident(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (readMemory(pid)?.now ?? 0), 0);
}

/**
 * In bytes; a page that several processes share counts in parts that make one whole, so a process and its fork count
 * about once. Costs the system a walk through all pages: some 20 µs for each MiB.
 */
export function readProportional(pids: readonly number[]): number {
  return pids.filter((pid) => !isBorrowing(pid)).reduce((sum, pid) => sum + readShare(pid), 0);
}

function readShare(pid: number): number {
  const share = /^Pss:\s+(\d+) kB/m.exec(readQuietly(`/proc/${pid}/smaps_rollup`) ?? "")?.[1];
  // Another user's process does not tell its pages.
  return share === undefined ? readResident([pid]) : Number(share) * 1024;
}

/** The kernel's `PF_FORKNOEXEC`: it has not become another program yet. */
const NO_PROGRAM_YET = 0x40;

/**
 * True for a process that is just starting and uses its parent's memory until it becomes another program (`vfork`,
 * `posix_spawn`): meanwhile a thread of the parent can do nothing but wait. A worker that was forked may be taken for
 * one while its parent waits for a disk; the next look counts it again.
 */
function isBorrowing(pid: number): boolean {
  const stat = readStat(`/proc/${pid}`) ?? [];
  if ((Number(stat[6]) & NO_PROGRAM_YET) === 0) return false;
  const parent = Number(stat[1]);
  return listThreads(parent).some((thread) => readStat(`/proc/${parent}/task/${thread}`)?.[0] === "D");
}
