/**
 * Ending processes: whole groups first, then whatever carries the run's mark wherever it went. The one file that kills.
 */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import {
  STOP_POLL_MS,
  SWEEP_UNCLEAR_LOOK_MS,
  SWEEP_UNCLEAR_MS,
  SWEEPS_MAX,
} from "../../core/limits/process.ts";
import { isLinux } from "../../host/runtime.ts";
import { findMarked, lookForMarked } from "../proc/find_marked.ts";
import { isLiving, listTree } from "../proc/process_table.ts";
import type { RunMark } from "../proc/run_mark.ts";
import { monotonicMs } from "../../host/time/monotonic_ms.ts";

export type StopSignal = "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT";

/** Signals the process group that an actor leads. Where `/proc` cannot tell, also what has left the group. */
export function signalGroup(pid: number, signal: StopSignal): void {
  if (!isLinux) {
    // It asks `ps`, which may be missing; the group is signalled in any case.
    void import("tree-kill").then(({ default: treeKill }) => treeKill(pid, signal, () => undefined));
  }
  sendSignal(-pid, signal);
}

/**
 * Kills what a process has left in its group, when that process has ended. Its number is its own until it is collected,
 * and as long as somebody is in its group; where it is another's already nobody is killed.
 */
export function killLeft(pid: number): void {
  if (!isLiving(pid)) sendSignal(-pid, "SIGKILL");
}

/** Signals one process alone. */
export function signalOne(pid: number, signal: StopSignal): void {
  sendSignal(pid, signal);
}

/** Signals the process group that an actor leads, and all that its process has started and that has left the group. */
export function signalTree(pid: number, signal: StopSignal): void {
  // Listed first: what loses its parent is not found below it any more.
  const pids = listTree(pid);
  signalGroup(pid, signal);
  for (const each of pids) sendSignal(each, signal);
}

/** Signals every process of the run that has escaped its group, or outlived it. Returns how many there were. */
export function signalMarked(mark: RunMark, signal: StopSignal): number {
  return signalOthers(findMarked(mark), signal);
}

function signalOthers(pids: readonly number[], signal: StopSignal): number {
  const others = pids.filter((pid) => pid !== process.pid);
  for (const pid of others) sendSignal(pid, signal);
  return others.length;
}

/**
 * Ends what a run has left behind: SIGTERM, and SIGKILL after `graceMs`. Returns when nothing is left, or with the
 * number of processes that even SIGKILL did not end.
 */
export async function sweepMarked(mark: RunMark, graceMs: number): Promise<number> {
  let look = lookForMarked(mark);
  for (
    let waitedMs = 0;
    look.unclear.length > 0 && waitedMs < SWEEP_UNCLEAR_MS;
    waitedMs += SWEEP_UNCLEAR_LOOK_MS
  ) {
    await sleep(SWEEP_UNCLEAR_LOOK_MS);
    look = lookForMarked(mark);
  }
  let left = signalOthers(look.marked, "SIGTERM");
  const deadline = monotonicMs() + graceMs;
  while (left > 0 && monotonicMs() < deadline) {
    await sleep(STOP_POLL_MS);
    left = findMarked(mark).length;
  }
  for (let sweep = 0; left > 0 && sweep < SWEEPS_MAX; sweep++) {
    left = signalMarked(mark, "SIGKILL");
    if (left > 0) await sleep(STOP_POLL_MS);
  }
  return left;
}

function sendSignal(target: number, signal: StopSignal): void {
  try {
    process.kill(target, signal);
  } catch {
    // It has ended meanwhile: what was wanted.
  }
}
