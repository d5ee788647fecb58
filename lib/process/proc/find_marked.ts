/**
 * The processes of a run, found by the mark in their environment, however far they went.
 */
import { MARKED_LOOKS_MAX, MARKED_TRIES_MAX } from "../../core/limits/process.ts";
import { canOpen } from "../../host/descriptors/descriptors.ts";
import { libc } from "../../host/descriptors/libc.ts";
import { isLinux } from "../../host/runtime.ts";
import { isZombie, listPids, readQuietly, readStat } from "./process_table.ts";
import type { PidRange, RunMark } from "./run_mark.ts";

/** All that was started by a run and lives. */
export function findMarked(mark: RunMark): readonly number[] {
  return lookForMarked(mark).marked;
}

/**
 * The same, and those of which it is not known yet: one that is just becoming another program has no environment for
 * a moment.
 */
export function lookForMarked(
  mark: RunMark,
): { readonly marked: readonly number[]; readonly unclear: readonly number[] } {
  const marked: number[] = [];
  const unclear: number[] = [];
  const seen = new Set<number>();
  // One that makes another and ends is not to be found any more, the other one not yet: who has come is looked at, too.
  for (let looks = 0; isLinux && looks < MARKED_LOOKS_MAX; looks++) {
    const pids = listUnseen(mark.range(), seen);
    // A number is given out a moment before its process can be seen.
    if (pids.length === 0 && looks > 0) break;
    for (const pid of pids) {
      seen.add(pid);
      const environment = readQuietly(`/proc/${pid}/environ`);
      if (environment === "" && mayBecomeOther(pid)) unclear.push(pid);
      if (environment?.includes(mark.id) === true && !isZombie(pid)) marked.push(pid);
    }
  }
  return { marked, unclear };
}

/** Whom to look at: of few numbers each is tried, of many all are listed. */
function listUnseen(range: PidRange | undefined, seen: Set<number>): readonly number[] {
  if (range === undefined) {
    // Half of all on a small machine, and to be refused costs more than to be told.
    if (seen.size === 0) { for (const pid of listKernelThreads()) seen.add(pid); }
    return listPids().filter((pid) => !seen.has(pid));
  }
  const { first, last } = range;
  if (last - first >= MARKED_TRIES_MAX || libc() === undefined) {
    return listPids().filter((pid) => pid >= first && !seen.has(pid));
  }
  const found: number[] = [];
  for (let pid = first; pid <= last; pid++) {
    if (!seen.has(pid) && canOpen(`/proc/${pid}/environ`) && !isThread(pid)) found.push(pid);
  }
  return found;
}

/** True for a thread of another process: it has a folder there too, which is not listed. */
function isThread(pid: number): boolean {
  const leader = /^Tgid:\s+(\d+)$/m.exec(readQuietly(`/proc/${pid}/status`) ?? "")?.[1];
  return leader !== undefined && Number(leader) !== pid;
}

/** The parent of all threads of the kernel, which have no environment either. */
const KERNEL_PARENT = 2;
/** How the kernel marks its own threads, in the seventh of the figures of a process. */
const PF_KTHREAD = 0x200000;

/** The threads of the kernel, where it tells: elsewhere, as in a container, number 2 may be anybody. */
function listKernelThreads(): readonly number[] {
  const flags = Number(readStat(`/proc/${KERNEL_PARENT}`)?.[6] ?? 0);
  if ((flags & PF_KTHREAD) === 0) return [];
  const children = readQuietly(`/proc/${KERNEL_PARENT}/task/${KERNEL_PARENT}/children`) ?? "";
  return [KERNEL_PARENT, ...children.split(" ").map(Number)];
}

let ownStart: number | undefined;

/** True for a process that lives and is no older than this one. */
function mayBecomeOther(pid: number): boolean {
  const stat = readStat(`/proc/${pid}`);
  const [state, parent] = stat ?? [];
  if (stat === undefined || state === "Z" || state === "X" || Number(parent) === KERNEL_PARENT) return false;
  ownStart ??= startOf(readStat("/proc/self"));
  return startOf(stat) >= ownStart;
}

/** When a process began, in ticks since the system's start. */
function startOf(stat: readonly string[] | undefined): number {
  return Number(stat?.[19] ?? 0);
}
