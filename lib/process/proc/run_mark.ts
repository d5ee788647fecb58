/**
 * What all processes of a run carry in their environment, and which numbers they may have. A look at each process of a
 * machine costs a short run more than all the rest of it, and nobody who is older than a run belongs to it.
 */
import { isLinux } from "../../host/runtime.ts";
import { readQuietly } from "./process_table.ts";

export interface RunMark {
  /** The text that is found in the environment. */
  readonly id: string;
  /** The numbers that processes of the run may have; undefined when it may be any. */
  readonly range: () => PidRange | undefined;
}

/** Both ends belong to it. */
export interface PidRange {
  readonly first: number;
  readonly last: number;
}

/** The mark of a run that has started nothing yet. */
export function makeMark(id: string): RunMark {
  const before = readCounts();
  return {
    id,
    range() {
      const now = readCounts();
      return before === undefined || now === undefined ? undefined : rangeSince(before, now);
    },
  };
}

/** The mark of a run that began at some other time. */
export function markOf(id: string): RunMark {
  return { id, range: () => undefined };
}

/** How numbers of processes were given out at a moment. */
export interface PidCounts {
  /** The last one. */
  readonly last: number;
  /** How many processes and threads there have been since the system's start. */
  readonly started: number;
  /** Where numbers begin anew. */
  readonly max: number;
}

/** Of all numbers so many may be taken: who begins anew passes over them. */
const TAKEN_SHARE = 0.5;

/**
 * The numbers of all that was started between two moments. Numbers rise until they begin anew: then the last one is
 * lower, or the whole round has passed and there were as many starts.
 */
export function rangeSince(before: PidCounts, now: PidCounts): PidRange | undefined {
  const isSameRound = now.last >= before.last && now.started - before.started < now.max * TAKEN_SHARE;
  return isSameRound ? { first: before.last + 1, last: now.last } : undefined;
}

/** Undefined where the system does not tell. */
function readCounts(): PidCounts | undefined {
  if (!isLinux) return undefined;
  const last = Number(/ (\d+)\s*$/.exec(readQuietly("/proc/loadavg") ?? "")?.[1] ?? 0);
  const started = Number(/^processes (\d+)/m.exec(readQuietly("/proc/stat") ?? "")?.[1] ?? 0);
  const max = Number(readQuietly("/proc/sys/kernel/pid_max") ?? 0);
  return last > 0 && started > 0 && max > 0 ? { last, started, max } : undefined;
}
