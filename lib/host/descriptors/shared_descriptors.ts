/**
 * Standard input, output and error belong to whoever started this program, and to what is started after it. Flags such
 * as O_NONBLOCK are those of the open description that all of them share, so nobody but its owner may leave one there:
 * a program that does not expect it fails at the first full or empty pipe.
 */
import { constants, fstatSync } from "node:fs";
import { kindOfFd, reopenPipe } from "./descriptors.ts";
import { libc } from "./libc.ts";
import { runtimeName } from "../runtime.ts";

const F_GETFL = 3;
const F_SETFL = 4;

type Standard = 0 | 1 | 2;

/**
 * A description of its own, and blocking, of the pipe that standard input or output is, to be given to an actor: what
 * it does to the flags is then nobody else's. Undefined for what is no pipe, and where the system cannot.
 */
export function reopenForActor(fd: 0 | 1): number | undefined {
  if (libc() === undefined || kindOfFd(fd) !== "pipe") return undefined;
  // A blocking open would wait for the other end.
  const own = reopenPipe(fd, fd === 0 ? "read" : "write");
  if (own !== undefined) clearNonBlocking(own);
  return own;
}

/** Notes how standard input, output and error are; returns what puts them back. */
export function keepFlags(): () => void {
  const calls = libc();
  if (calls === undefined) return () => undefined;
  const found = ([0, 1, 2] as const).map((fd) => [fd, calls.fcntl(fd, F_GETFL, 0)] as const);
  return () => {
    for (const [fd, flags] of found) {
      if (flags >= 0 && calls.fcntl(fd, F_GETFL, 0) !== flags) calls.fcntl(fd, F_SETFL, flags);
    }
  };
}

/**
 * Node makes pipes and sockets non-blocking when `node:process` is imported, and puts them back only when it is not
 * killed. This program does not use them as streams of Node, but for a socket as standard input or output.
 */
export function undoNodeFlags(): void {
  if (runtimeName !== "node") return;
  for (const fd of [0, 1, 2] as const) {
    if (kindOfFd(fd) === "pipe" || fd === 2 && isSocket(fd)) clearNonBlocking(fd);
  }
}

/** For whoever ends the program without Node, which would put back what it has made of sockets, too. */
export function undoAllNodeFlags(): void {
  undoNodeFlags();
  for (const fd of [0, 1] as const) if (runtimeName === "node" && isSocket(fd)) clearNonBlocking(fd);
}

function isSocket(fd: Standard): boolean {
  try {
    return fstatSync(fd).isSocket();
  } catch {
    return false; // It is closed.
  }
}

/** Makes a description blocking that is nobody else's. */
export function clearNonBlocking(fd: number): void {
  const calls = libc();
  calls?.fcntl(fd, F_SETFL, calls.fcntl(fd, F_GETFL, 0) & ~constants.O_NONBLOCK);
}
