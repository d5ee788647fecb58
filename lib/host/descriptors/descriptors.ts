/**
 * Kernel pipes and other descriptors as plain numbers, to be given to processes. Everything is close-on-exec, so a
 * process holds only what it is given. Who opens a descriptor closes it.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { MESSAGE_PIPE_BYTES } from "../../core/limits/message.ts";
import { PIPE_BYTES } from "../../core/limits/streams.ts";
import { hasCode, nameErrno, systemError } from "../errno.ts";
import { errno, libc } from "./libc.ts";
import { isLinux } from "../runtime.ts";
import { makeTemporaryFolder } from "../files/temporary_folder.ts";

const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;
/** How many named pipes one call of `mkfifo` makes, where the C library cannot be called: at first, and at most. */
const FIFO_BATCH = 16;
const FIFO_BATCH_MAX = 512;

/** The two ends of a kernel pipe. */
export interface Pipe {
  readonly readFd: number;
  readonly writeFd: number;
}

/** How much a pipe holds, if it can be had: the most there is, what message actors get, or what the system gives. */
export type PipeSize = "large" | "wide" | "usual";

/** Makes a pipe, `large` if it can be had. Throws the system's error. */
export function makePipe(size: PipeSize = "large"): Pipe {
  const calls = libc();
  if (calls === undefined) return makePipeFromFifo();
  const ends = new Int32Array(2);
  if (calls.pipe2(ends, O_CLOEXEC) !== 0) {
    throw systemError(nameErrno(errno()), "pipe2");
  }
  const [readFd = -1, writeFd = -1] = ends;
  // A smaller pipe works too: what this returns does not matter.
  if (size !== "usual") {
    calls.fcntl(writeFd, F_SETPIPE_SZ, size === "large" ? PIPE_BYTES : MESSAGE_PIPE_BYTES);
  }
  return { readFd, writeFd };
}

/** Makes a pipe of which the engine keeps one end, and never waits there. */
export function makeEnginePipe(end: "read" | "write", size: PipeSize = "large"): Pipe {
  if (libc() === undefined) return makePipeFromFifo(end);
  const pipe = makePipe(size);
  try {
    makeNonBlocking(end === "read" ? pipe.readFd : pipe.writeFd);
    return pipe;
  } catch (error) {
    [pipe.readFd, pipe.writeFd].forEach(closeFd);
    throw error;
  }
}

/**
 * A named pipe, opened at both ends and unlinked at once. It is first opened for reading and writing, because an
 * open of one end alone waits for the other.
 */
function makePipeFromFifo(engineEnd?: "read" | "write"): Pipe {
  const path = takeFifo();
  const both = openSync(path, constants.O_RDWR);
  try {
    const flagsOf = (end: "read" | "write"): number => end === engineEnd ? constants.O_NONBLOCK : 0;
    return {
      readFd: openSync(path, constants.O_RDONLY | flagsOf("read")),
      writeFd: openSync(path, constants.O_WRONLY | flagsOf("write")),
    };
  } finally {
    closeSync(both);
    unlinkSync(path);
  }
}

const fifos: string[] = [];
let fifoFolder: string | undefined;
let fifoCount = 0;

function takeFifo(): string {
  const ready = fifos.pop();
  if (ready !== undefined) return ready;
  const folder = fifoFolder ?? makeTemporaryFolder();
  if (fifoFolder === undefined) {
    fifoFolder = folder;
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  }
  // A flow that needed some needs more: each batch is as large as all before it.
  const length = Math.min(FIFO_BATCH_MAX, Math.max(FIFO_BATCH, fifoCount));
  const names = Array.from({ length }, () => join(folder, String(fifoCount++)));
  process.getBuiltinModule("node:child_process").execFileSync("mkfifo", ["-m", "600", ...names], {
    stdio: "ignore",
  });
  fifos.push(...names);
  return takeFifo();
}

const F_GETFL = 3;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;

/**
 * Makes standard input or output blocking again before a process gets it: Node makes them non-blocking for itself,
 * in the description that all processes share, and a program such as `cat` then fails with EAGAIN.
 */
export function makeBlocking(fd: 0 | 1): void {
  const calls = libc();
  if (calls === undefined) return;
  const flags = calls.fcntl(fd, F_GETFL, 0);
  if (flags < 0 || calls.fcntl(fd, F_SETFL, flags & ~constants.O_NONBLOCK) < 0) {
    throw systemError(nameErrno(errno()), "fcntl");
  }
}

/**
 * Makes the engine's end of a pipe non-blocking: Bun would wait in a write otherwise, and with it the whole engine.
 * The other end has a description of its own and stays as it is. The other runtimes do it by themselves.
 */
export function makeNonBlocking(fd: number): void {
  const result = libc()?.fcntl(fd, F_SETFL, constants.O_NONBLOCK) ?? 0;
  if (result < 0) {
    throw systemError(nameErrno(errno()), "fcntl");
  }
}

/** Writes all bytes to the write end of a pipe, and waits while it is full. False when nobody reads it. Throws else. */
export function writeWhole(fd: number, bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeOnce(fd, bytes.subarray(at));
    } catch (error) {
      if (hasCode(error, "EPIPE")) return false;
      if (!hasCode(error, "EINTR", "EAGAIN")) throw error;
    }
  }
  return true;
}

function writeOnce(fd: number, bytes: Uint8Array): number {
  const calls = libc();
  if (calls === undefined) return writeSync(fd, bytes);
  const count = calls.write(fd, bytes, bytes.length);
  if (count < 0) throw systemError(nameErrno(errno()), "write");
  return count;
}

/** A second number for an open file, with the same position. Undefined where the C library cannot be called. */
export function duplicate(fd: number): number | undefined {
  const copy = libc()?.fcntl(fd, F_DUPFD_CLOEXEC, 3) ?? -1;
  return copy < 0 ? undefined : copy;
}

/** Closes a descriptor that this file opened, but for files, or one given by number. */
export function closeFd(fd: number): void {
  const calls = libc();
  if (calls !== undefined) calls.close(fd);
  else closeSync(fd);
}

/** Opens a file for a process or a stream; `closeFile` closes it, on the same thread. Throws the system's error. */
export function openFile(path: string, mode: "read" | "write"): number {
  if (mode === "read") return openSync(path, constants.O_RDONLY);
  return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o666);
}

/** Closes what `openFile` opened. */
export function closeFile(fd: number): void {
  closeSync(fd);
}

/** What a descriptor is. */
export function kindOfFd(fd: number): "file" | "pipe" | "other" | "closed" {
  const stat = statOfFd(fd);
  if (stat === undefined) return "closed";
  return stat.isFile() ? "file" : stat.isFIFO() ? "pipe" : "other";
}

/** Deno knows only those descriptors that it has opened itself, and the standard ones; the system knows all. */
function statOfFd(fd: number): Stats | undefined {
  for (const stat of [() => fstatSync(fd), () => statSync(pathOfFd(fd))]) {
    try {
      return stat();
    } catch {
      // Closed, unless the other way knows it.
    }
  }
  return undefined;
}

function pathOfFd(fd: number): string {
  return isLinux ? `/proc/self/fd/${fd}` : `/dev/fd/${fd}`;
}

/**
 * A second, non-blocking description of an open pipe, so that the first one's flags, which other processes share,
 * stay as they are. Undefined when the system cannot or when nobody is at the other end of a pipe to be written.
 */
export function reopenPipe(fd: number, mode: "read" | "write"): number | undefined {
  try {
    return openPipe(pathOfFd(fd), mode);
  } catch {
    return undefined;
  }
}

/**
 * Opens a pipe that has a name, without waiting for the other end; `closeFd` closes it. Throws the system's error,
 * ENXIO when one to be written has no reader.
 */
export function openPipe(path: string, mode: "read" | "write"): number {
  const flags = constants.O_NONBLOCK | (mode === "read" ? constants.O_RDONLY : constants.O_WRONLY);
  // What the runtime has opened it also keeps in mind: Deno closes it once more when the system gives its number again.
  const calls = libc();
  if (calls === undefined) return openSync(path, flags);
  const fd = calls.open(new TextEncoder().encode(`${path}\0`), flags | O_CLOEXEC, 0);
  if (fd < 0) throw systemError(nameErrno(errno()), `open '${path}'`);
  return fd;
}

/** Opens a file to be read by another thread, which closes it as a descriptor. Throws the system's error. */
export function openForThread(path: string): number {
  return openPipe(path, "read"); // A file never lets anybody wait.
}

/** True for a file that can be opened. For one that is not there nothing is thrown, which takes longer than the rest. */
export function canOpen(path: string): boolean {
  const calls = libc();
  if (calls === undefined) return existsSync(path);
  const fd = calls.open(new TextEncoder().encode(`${path}\0`), constants.O_RDONLY | O_CLOEXEC, 0);
  if (fd >= 0) calls.close(fd);
  return fd >= 0;
}

const POLLOUT = 4;
const POLLERR = 8;

/**
 * True when nobody can read any more what is written to the pipe `writeFd`: `poll` reports an error for such a pipe.
 * Where the C library cannot be called, opening a named pipe for writing without waiting fails with ENXIO, on Linux.
 * When nobody can tell: false.
 */
export function hasLostReaders(writeFd: number): boolean {
  const calls = libc();
  if (calls !== undefined) {
    const asked = new Int32Array([writeFd, POLLOUT]);
    while (calls.poll(asked, 1, 0) < 0) {
      const code = nameErrno(errno());
      if (code !== "EINTR" && code !== "EAGAIN") throw systemError(code, "poll");
    }
    return (((asked[1] ?? 0) >>> 16) & POLLERR) !== 0;
  }
  if (!isLinux) return false;
  try {
    closeSync(openSync(`/proc/self/fd/${writeFd}`, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch (error) {
    return hasCode(error, "ENXIO");
  }
  return false;
}

let nullFd: number | undefined;

/** `/dev/null`, opened once for reading and writing. */
export function openNull(): number {
  nullFd ??= openSync("/dev/null", constants.O_RDWR);
  return nullFd;
}
