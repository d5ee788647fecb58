/** What `/proc` tells about the processes of one case: those whose environment or working directory names its folder. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";

/** USER_HZ, which is the same on every Linux that matters. */
const TICKS_A_SECOND = 100;

/** The processes of a folder that are alive, zombies excepted. */
export function findProcesses(folder: string): readonly number[] {
  return readdirSync("/proc").map(Number).filter((pid) => {
    return Number.isInteger(pid) && pid !== process.pid && isOf(pid, folder);
  });
}

/** True when the process lives and belongs to the folder. */
export function isOf(pid: number, folder: string): boolean {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === "" || /\) [ZX] /.test(stat)) return false;
  return read(`/proc/${pid}/environ`).includes(folder) || link(`/proc/${pid}/cwd`).startsWith(folder);
}

/** Ends all processes of a folder. */
export function killProcesses(folder: string): void {
  for (const pid of findProcesses(folder)) signalProcess(pid, "SIGKILL");
}

/** False when there is no such process any more. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

/** The seconds of processor time that a process has had: few where the machine is busy, many where it turns in a circle. */
function secondsOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number);
  return (user + system) / TICKS_A_SECOND;
}

/** The seconds for which the first thread of a process wanted to run and could not: many on a busy machine. */
function delayOf(pid: number): number {
  const [, nanoseconds = 0] = read(`/proc/${pid}/schedstat`).split(" ").map(Number);
  return Math.round(nanoseconds / 1e7) / 100;
}

/** A text that changes while one of the processes works or moves bytes. */
export function measureWork(pids: readonly number[]): string {
  return pids.map((pid) => {
    const stat = read(`/proc/${pid}/stat`);
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).join("+");
    const moved = /rchar: (\d+)\nwchar: (\d+)/.exec(read(`/proc/${pid}/io`))?.slice(1).join("+");
    return `${pid}:${ticks}:${moved}`;
  }).join(" ");
}

/**
 * For how many milliseconds all threads of processes have run or wanted to run: the system counts both, so nothing is
 * missed between two looks.
 */
export function measureWanted(pids: readonly number[]): number {
  return pids.reduce((sum, pid) =>
    list(`/proc/${pid}/task`).reduce((sum, task) => {
      const [ran = 0, waited = 0] = read(`/proc/${pid}/task/${task}/schedstat`).split(" ").map(Number);
      return sum + (ran + waited) / 1e6;
    }, sum), 0);
}

/** What a process is and what it waits for, in a few lines. */
export function describeProcess(pid: number): string {
  const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").slice(0, 160);
  const actor = /(?:^|\0)SLUICE_ACTOR=([^\0]*)/.exec(read(`/proc/${pid}/environ`))?.[1] ?? "no actor";
  const tasks = list(`/proc/${pid}/task`).map((task) => {
    const folder = `/proc/${pid}/task/${task}`;
    const state = /\) (\S) /.exec(read(`${folder}/stat`))?.[1] ?? "?";
    return `${state} ${nameWait(read(`${folder}/wchan`))} ${
      read(`${folder}/syscall`).split(" ").slice(0, 4).join(" ").trim()
    }`;
  });
  const fds = list(`/proc/${pid}/fd`).map((fd) => `${fd}=${link(`/proc/${pid}/fd/${fd}`)}`)
    .filter((text) => /=(pipe|socket|\/)/.test(text)).slice(0, 40);
  return `  ${pid} ${actor}, ${secondsOf(pid)} s of CPU, ${
    delayOf(pid)
  } s of waiting for it: ${command}\n    ${count(tasks)}\n    ${fds.join(" ")}`;
}

/** Wait channels are `0` where a process runs, and where the system does not tell. */
function nameWait(channel: string): string {
  return channel === "0" || channel === "" ? "-" : channel;
}

/** Equal texts once, with how often they came. */
function count(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, times]) => times === 1 ? text : `${times} x ${text}`).join("; ");
}

/** Processes end while one looks: nothing is then the answer. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
