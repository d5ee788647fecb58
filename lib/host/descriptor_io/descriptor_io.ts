/**
 * Moving bytes between descriptors without ever waiting: what relays are made of. Two ways to do it:
 *
 * - `kernel_io.ts` (Linux, C library): `splice` moves pages from pipe to pipe and between pipes and files, so no byte
 *   enters the engine's memory; `epoll` tells when something can move.
 * - `portable_io.ts` (anywhere): non-blocking reads and writes through a buffer, looking again and again.
 */

import { constants } from "node:fs";

/** A move that came to the end of its source. */
export const AT_END = 0;
/** Nothing can be moved now: the source is empty or the target full. */
export const NOT_NOW = -1;
/** Nobody reads the target any more. */
export const GONE = -2;

/** How many bytes were moved (more than 0), or one of AT_END, NOT_NOW, GONE. Other errors of the system are thrown. */
export type Moved = number;

export type OpenMode = "read" | "write" | "append" | "create" | "extend";

/** `create`: for reading and writing, and only when nothing is there. `extend`: at its end, and made when it is not. */
export const OPEN_FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY,
  write: constants.O_WRONLY,
  append: constants.O_WRONLY | constants.O_APPEND,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
  extend: constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND,
};

/** Who may use what is made: nobody else what the engine needs for itself, and whoever the user says a file of his. */
export function rightsOf(mode: OpenMode): number {
  return mode === "extend" ? 0o666 : 0o600;
}

/** From where to where, and how many bytes at most. A file is read or written at `offset`, or where it stands. */
export interface Move {
  readonly from: number;
  readonly to: number;
  readonly max: number;
}

export interface DescriptorIo {
  /** True when what was loaded from a file may still lie in its pages: they must not be written again. */
  readonly sharesPages: boolean;
  /** True when `held` is no guess. */
  readonly tellsHeld: boolean;
  /** Pipe to pipe, pipe to file, or file to pipe, each file at its own position. */
  move(move: Move): Moved;
  /** From pipe to pipe what a move would take, without taking it. */
  copy(move: Move): Moved;
  /** Pipe to file at `offset`. */
  store(move: Move & { readonly offset: number }): Moved;
  /** File at `offset` to pipe. */
  load(move: Move & { readonly offset: number }): Moved;
  read(fd: number, buffer: Uint8Array): Moved;
  readAt(fd: number, { buffer, offset }: { readonly buffer: Uint8Array; readonly offset: number }): Moved;
  write(fd: number, bytes: Uint8Array): Moved;
  /** Into a file. */
  writeAt(fd: number, { bytes, offset }: { readonly bytes: Uint8Array; readonly offset: number }): Moved;
  /** Bytes that lie in a pipe; a guess of 1 where nobody can tell and something may be there. */
  held(fd: number): number;
  /** True when a pipe takes bytes now (or is broken, which a write then tells). */
  hasRoom(fd: number): boolean;
  /** Tells from now on when the pipe may have become ready. */
  watch(fd: number): void;
  forget(fd: number): void;
  /** Says of a named pipe that nobody has written to it yet: until then it is empty, and not at its end. */
  expectWriter(fd: number): void;
  /** Waits until a watched pipe may have become ready; -1 is for ever. Answers with those that may be. */
  wait(timeoutMs: number): readonly Readiness[];
  /** Gives the pages of a part of a file back. False when the file system cannot. */
  punch(fd: number, { offset, length }: { readonly offset: number; readonly length: number }): boolean;
  /** A file that lives in memory; undefined where there is none. */
  makeMemoryFile(): number | undefined;
  /** Opens a file, so that `close` may close it. Throws the system's error. */
  open(path: string, mode: OpenMode): number;
  close(fd: number): void;
  /** Lets go of what it holds for itself. Nothing else may be asked of it afterwards. */
  end(): void;
}

export interface Readiness {
  readonly fd: number;
  /** The other end has gone, or something else is wrong: a move tells. */
  readonly isBroken: boolean;
}
