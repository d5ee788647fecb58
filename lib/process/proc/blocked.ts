/**
 * What a process and all that it has started are waiting for, as Linux tells it: `/proc/PID/task/TID/syscall` says in
 * which call a thread waits, `/proc/PID/fd` which pipe that is, `/proc/PID/fdinfo` what an event loop listens to.
 */
import { isLinux } from "../../host/runtime.ts";
import { listThreads, listTree, readDescriptor, readQuietly } from "./process_table.ts";
import { kindOfCall, waitsForEver } from "./syscalls.ts";

/** Waiting at a pipe, named as `/proc` names it: `pipe:[123]`. */
export interface PipeWait {
  readonly pipe: string;
  readonly does: "read" | "write";
  /** An event loop that was told once: it may have left what is there on purpose. */
  readonly isEdge: boolean;
}

/**
 * - `busy`: something of it runs, sleeps for a time, is stopped, or waits for somebody outside;
 * - `waits`: everything waits at these pipes; when `isUnsure`, or without any, it may be waiting elsewhere too;
 * - `unknown`: the system does not tell.
 */
export type ProcessWait =
  | { readonly kind: "busy"; readonly why: "runs" | "sleeps" | "stopped" | "outside" }
  | { readonly kind: "waits"; readonly at: readonly PipeWait[]; readonly isUnsure: boolean }
  | { readonly kind: "unknown" };

/**
 * Looks at a process, its threads, and all its descendants. `named` are the pipes of the run as `/proc` names them:
 * where they are made by `mkfifo` they have names of their own. Any other named pipe leads to the outside.
 */
export function readWaits(pid: number, named: Names = new Set()): ProcessWait {
  if (!isLinux) return { kind: "unknown" };
  const at: PipeWait[] = [];
  let isUnsure = false;
  let isSeen = false;
  for (const member of listTree(pid)) {
    const threads = listThreads(member);
    for (const thread of threads) {
      const folder = `/proc/${member}/task/${thread}`;
      const found = readThread(folder, { pid: member, named, isAlone: threads.length === 1 });
      if (found === undefined) continue;
      isSeen = true;
      if (found.kind === "busy") return found;
      if (found.kind === "waits") at.push(...found.at);
      if (found.kind === "unknown" || found.isUnsure) isUnsure = true;
    }
  }
  return isSeen ? { kind: "waits", at, isUnsure } : { kind: "unknown" };
}

type Names = Pick<ReadonlySet<string>, "has">;

/** A process, and the names of pipes that are the run's. */
interface Owner {
  readonly pid: number;
  readonly named: Names;
}

/** Undefined when the thread has ended. */
function readThread(
  folder: string,
  { isAlone, ...owner }: Owner & { readonly isAlone: boolean },
): ProcessWait | undefined {
  const text = readQuietly(`${folder}/syscall`);
  if (text === undefined) return readState(folder) === undefined ? undefined : { kind: "unknown" };
  const [word = "", ...args] = text.trim().split(" ");
  if (word === "") return undefined;
  if (word === "running" || word === "-1") return readRunning(folder);
  const call = Number(word);
  const kind = kindOfCall(call);
  const state = readState(folder);
  if (state === "T" || state === "t") return { kind: "busy", why: "stopped" };
  if (state === "R") return { kind: "busy", why: "runs" };
  const fd = Number(args[0]);
  switch (kind) {
    case "read":
    case "write":
      return waitAt(owner, [{ fd, does: kind }]);
    case "splice":
      return waitAt(owner, [{ fd, does: "read" }, { fd: Number(args[2]), does: "write" }]);
    case "sendfile":
      return waitAt(owner, [{ fd, does: "write" }, { fd: Number(args[1]), does: "read" }]);
    case "epoll":
      return readEventLoop(owner, { fd, isForEver: waitsForEver(call, args[3] ?? "0x0") });
    case "poll":
      return { kind: "waits", at: [], isUnsure: true };
    case "socket":
      // A runtime's threads talk to each other so; a lone one means the outside.
      return isAlone ? { kind: "busy", why: "outside" } : { kind: "waits", at: [], isUnsure: true };
    case "sleep":
      // A runtime's housekeeping thread sleeps all the time; a lone sleeper means it.
      return isAlone ? { kind: "busy", why: "sleeps" } : { kind: "waits", at: [], isUnsure: true };
    case "inside":
      return { kind: "waits", at: [], isUnsure: false };
    case undefined:
      return { kind: "busy", why: "outside" };
  }
}

/** In no system call: it runs, has ended, or is stopped. */
function readRunning(folder: string): ProcessWait | undefined {
  const state = readState(folder);
  if (state === undefined || state === "Z" || state === "X") return undefined;
  return { kind: "busy", why: state === "T" || state === "t" ? "stopped" : "runs" };
}

function readState(folder: string): string | undefined {
  const stat = readQuietly(`${folder}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
}

function isPipe(name: string | undefined, named: Names): name is string {
  return name !== undefined && (name.startsWith("pipe:") || named.has(name));
}

function waitAt(
  { pid, named }: Owner,
  waits: readonly { readonly fd: number; readonly does: "read" | "write" }[],
): ProcessWait {
  const at: PipeWait[] = [];
  for (const { fd, does } of waits) {
    const pipe = readDescriptor(pid, fd);
    if (isPipe(pipe, named)) at.push({ pipe, does, isEdge: false });
  }
  return at.length === 0 ? { kind: "busy", why: "outside" } : { kind: "waits", at, isUnsure: false };
}

const EPOLLIN = 1;
const EPOLLOUT = 4;
const EPOLLET = 2 ** 31;

/** What an event loop listens to. One with a limit of time, or that listens to the outside, may go on by itself. */
function readEventLoop(
  { pid, named }: Owner,
  { fd, isForEver }: { readonly fd: number; readonly isForEver: boolean },
): ProcessWait {
  const text = readQuietly(`/proc/${pid}/fdinfo/${fd}`) ?? "";
  const at: PipeWait[] = [];
  let isUnsure = !isForEver;
  for (const [, target = "", mask = ""] of text.matchAll(/^tfd:\s+(\d+)\s+events:\s+([0-9a-f]+)/gm)) {
    const pipe = readDescriptor(pid, Number(target));
    const events = Number.parseInt(mask, 16);
    if (pipe?.startsWith("socket:") === true) isUnsure = true;
    if (!isPipe(pipe, named)) continue;
    const isEdge = events >= EPOLLET;
    if ((events & EPOLLIN) !== 0) at.push({ pipe, does: "read", isEdge });
    if ((events & EPOLLOUT) !== 0) at.push({ pipe, does: "write", isEdge });
  }
  return { kind: "waits", at, isUnsure };
}
