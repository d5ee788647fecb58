/**
 * Whether this program was given standard input and output at all. A runtime puts `/dev/null` in place of what is closed
 * when it begins (`>&-` in a shell), so that what is written is lost, and nothing says so.
 *
 * - Bun leaves a trace: what it has opened is close-on-exec, and what it was given cannot be.
 * - Node and Deno leave none; `bin/sluice`, which starts Node, puts something in place first that cannot be used.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { kindOfFd } from "./descriptors.ts";
import { nameErrno, systemError } from "../errno.ts";
import { errno, libc } from "./libc.ts";
import { bun, deno } from "../runtime.ts";

const F_GETFD = 1;
const F_GETFL = 3;
const FD_CLOEXEC = 1;
const O_ACCMODE = 3;

/**
 * What a program was given cannot be close-on-exec: such a descriptor is Deno's own. Node and Bun make all of them so.
 * Who calls the library may mean one of its own.
 */
let mayBeOwn = false;

/** False for a descriptor that is closed, or not open for that, or one that the runtime has opened. */
export function isGiven(fd: number, mode: "read" | "write"): boolean {
  if (kindOfFd(fd) === "closed") return false;
  const calls = libc();
  if (calls === undefined) return true;
  const access = calls.fcntl(fd, F_GETFL, 0) & O_ACCMODE;
  const isOther = access === (mode === "read" ? constants.O_WRONLY : constants.O_RDONLY);
  const isOwn = mayBeOwn && fd > 2 && (calls.fcntl(fd, F_GETFD, 0) & FD_CLOEXEC) !== 0;
  return !isOther && !isOwn && !(fd > 2 && isInside(fd)) && !isPlaceholder(fd);
}

/** True for what a runtime talks to itself with: no file, or a pipe of which it has both ends. */
function isInside(fd: number): boolean {
  const nameOf = (of: string): string | undefined => {
    try {
      return readlinkSync(`/proc/self/fd/${of}`);
    } catch {
      return undefined; // Closed meanwhile, or not to be known.
    }
  };
  const name = nameOf(`${fd}`) ?? "";
  if (!name.startsWith("pipe:")) return name.startsWith("anon_inode:");
  const modeOf = (of: string): number => (libc()?.fcntl(Number(of), F_GETFL, 0) ?? 0) & O_ACCMODE;
  return readdirSync("/proc/self/fd").some((other) =>
    nameOf(other) === name && modeOf(other) !== modeOf(`${fd}`)
  );
}

/**
 * Puts what cannot be read or written in place of what was closed, so that whoever uses it is told: this program, and
 * the processes that get it. To be called by a program, before it opens anything.
 */
export function refuseClosed(): void {
  mayBeOwn = deno !== undefined;
  // Others cannot tell, and Deno would ask for a permission first.
  const calls = bun === undefined ? undefined : libc();
  if (calls === undefined) return;
  for (const fd of [0, 1] as const) {
    if (!isPlaceholder(fd)) continue;
    const useless = openSync("/dev/null", fd === 0 ? constants.O_WRONLY : constants.O_RDONLY);
    if (calls.dup2(useless, fd) < 0) throw systemError(nameErrno(errno()), "dup2");
    closeSync(useless);
  }
}

/** True for what Bun has opened in place of a closed descriptor. */
function isPlaceholder(fd: number): boolean {
  const calls = bun === undefined || fd > 2 ? undefined : libc();
  if (calls === undefined) return false;
  const flags = calls.fcntl(fd, F_GETFD, 0);
  return flags >= 0 && (flags & FD_CLOEXEC) !== 0 && fstatSync(fd).rdev === statSync("/dev/null").rdev;
}
