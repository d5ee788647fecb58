/**
 * What Linux tells about processes, from `/proc`. Elsewhere every answer is "unknown".
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { isLinux } from "../../host/runtime.ts";

/** The unit of times in `/proc`: `USER_HZ` is 100 wherever Linux and these runtimes are. */
const TICK_MS = 10;

/** The numbers of all processes. Deno lets a program look into `/proc` only with all permissions; without them there are none. */
export function listPids(): readonly number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** True of one that has ended and waits to be collected. */
export function isZombie(pid: number): boolean {
  return readStat(`/proc/${pid}`)?.[0] === "Z";
}

/**
 * The figures of a process or thread by its folder in `/proc`, as `proc(5)` numbers them less 3: the state comes first,
 * then the parent. Undefined when it has ended.
 */
export function readStat(folder: string): readonly string[] | undefined {
  const stat = readQuietly(`${folder}/stat`);
  // Before them stands the program's name in brackets, which may hold anything.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** True where processes can be looked at: Deno lets nobody look into `/proc` without all permissions. */
export function canLook(): boolean {
  return isLinux && readStat("/proc/self") !== undefined;
}

/** False for a process that has ended, also while nobody has collected it yet. */
export function isLiving(pid: number): boolean {
  const state = readStat(`/proc/${pid}`)?.[0];
  return state !== undefined && state !== "Z" && state !== "X";
}

/** Resident memory of a process in bytes: now and at its highest. Undefined when it has ended. */
export function readMemory(pid: number): { readonly now: number; readonly peak: number } | undefined {
  if (!isLinux) return undefined;
  const status = readQuietly(`/proc/${pid}/status`) ?? "";
  const now = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  return now === undefined || peak === undefined
    ? undefined
    : { now: Number(now) * 1024, peak: Number(peak) * 1024 };
}

/** Processor time of a process in milliseconds, that of all its threads. Undefined when it has ended. */
export function readProcessorTime(pid: number): number | undefined {
  const stat = isLinux ? readStat(`/proc/${pid}`) : undefined;
  const [user, system] = stat?.slice(11, 13).map(Number) ?? [];
  return user === undefined || system === undefined ? undefined : (user + system) * TICK_MS;
}

/** The signal that has ended a process which nobody has collected yet, 0 for none. Undefined while it lives, or when unknown. */
export function readExitSignal(pid: number): number | undefined {
  const stat = isLinux ? readStat(`/proc/${pid}`) : undefined;
  return stat?.[0] === "Z" ? Number(stat[49]) & 0x7f : undefined;
}

/** Bytes that a process has read and written so far, of whatever kind. Undefined when it has ended. */
export function readTraffic(
  pid: number,
): { readonly bytesIn: number; readonly bytesOut: number } | undefined {
  const io = isLinux ? readQuietly(`/proc/${pid}/io`) ?? "" : "";
  const bytesIn = /^rchar: (\d+)/m.exec(io)?.[1];
  const bytesOut = /^wchar: (\d+)/m.exec(io)?.[1];
  return bytesIn === undefined || bytesOut === undefined
    ? undefined
    : { bytesIn: Number(bytesIn), bytesOut: Number(bytesOut) };
}

/** A process and all that it has started and that still lives, as far as the system tells. */
export function listTree(pid: number): readonly number[] {
  const found: number[] = [];
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next);
    for (const thread of listThreads(next)) {
      const children = readQuietly(`/proc/${next}/task/${thread}/children`) ?? "";
      open.push(...children.split(" ").filter((word) => word !== "").map(Number));
    }
  }
  return found;
}

/** The threads of a process by their numbers; empty when it has ended. */
export function listThreads(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** What a descriptor of a process stands for, such as `pipe:[123]`. Undefined when it is closed or unknown. */
export function readDescriptor(pid: number | "self", fd: number): string | undefined {
  if (!isLinux) return undefined;
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    // Closed, or the process has ended: unknown is the answer.
    return undefined;
  }
}

/** The number of the device `/dev/null` on Linux. */
const NULL_DEVICE = 0x103n;

/**
 * What a descriptor of a process leads to, by a name that is the same for everybody who has it open. Undefined when it
 * is closed or unknown, and of `/dev/null`, where nothing arrives.
 */
export function identifyOpen(pid: number | "self", fd: number): string | undefined {
  if (!isLinux) return undefined;
  try {
    const { dev, ino, rdev } = statSync(`/proc/${pid}/fd/${fd}`, { bigint: true });
    return rdev === NULL_DEVICE ? undefined : `${dev}:${ino}`;
  } catch {
    return undefined; // As above.
  }
}

/** How far an open file has been read or written, in bytes. */
export function readPosition(fd: number): number | undefined {
  const position = isLinux
    ? /^pos:\s+(\d+)/m.exec(readQuietly(`/proc/self/fdinfo/${fd}`) ?? "")?.[1]
    : undefined;
  return position === undefined ? undefined : Number(position);
}

/** A file of `/proc`; undefined when it is gone or may not be read. */
export function readQuietly(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // Processes end while one looks, and those of other users may not be looked at.
    return undefined;
  }
}
