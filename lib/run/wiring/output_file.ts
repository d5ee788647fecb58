/**
 * One file of `out`. A regular file is written elsewhere and put into its place when the run succeeded, so it appears
 * whole or not at all; everything else (a device, a named pipe, standard output by another name) is written as it comes.
 */
import { Buffer } from "node:buffer";
import {
  chmodSync,
  chownSync,
  fsyncSync,
  lstatSync,
  readSync,
  renameSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { FILE_READ_BYTES } from "../../core/limits/streams.ts";
import {
  closeFd,
  closeFile,
  duplicate,
  kindOfFd,
  openFile,
  reopenPipe,
} from "../../host/descriptors/descriptors.ts";
import { isSystemError } from "../../host/errno.ts";
import { isTerminal } from "../../host/is_terminal.ts";
import { removeFile } from "../../host/files/remove.ts";
import { clearNonBlocking } from "../../host/descriptors/shared_descriptors.ts";
import type { OutputPlace } from "../../process/start/output_place.ts";
import { findOutputPlace } from "../../process/start/output_place.ts";
import type { RunFolder } from "../../process/start/run_folder.ts";

export interface OutputFile {
  readonly target: string;
  /** Where it is written, and has to be opened for that: there may be more than this program may have open. */
  readonly path: string | undefined;
  /** Where it is written, when that is open; a named pipe is opened when somebody reads it. */
  readonly fd: number | undefined;
  /** True when it takes what it has room for, without waiting. */
  readonly isPipe: boolean;
  /** The descriptor of a pipe, for somebody who closes it. */
  take(options: { readonly isBlocking: boolean }): number | undefined;
  /** Undefined where only the writer knows. */
  countBytes(): number | undefined;
  /** Puts it in place, or removes it. Throws the system's error when it cannot be put in place. */
  finish(isKept: boolean): void;
}

export type FilePlace = OutputPlace & { readonly kind: "file" };

/** Opens an output. Throws the system's error. */
export function openOutputFile(
  target: string,
  { run, folder, number }: {
    readonly run: string;
    readonly folder: RunFolder;
    readonly number: number | string;
  },
): OutputFile {
  const place = findOutputPlace(target);
  switch (place.kind) {
    case "file":
      return openPlaced(target, { place, folder, name: `.sluice-${run.slice(0, 8)}-${number}.tmp` });
    case "descriptor":
      return openDescriptor(target, place.fd);
    case "pipe":
      return { ...UNCOUNTED, target, fd: undefined, isPipe: true, finish: () => undefined };
    case "device": {
      const fd = openFile(place.path, "write");
      return { ...UNCOUNTED, target, fd, isPipe: false, finish: () => closeFile(fd) };
    }
    case "refused":
      throw Object.assign(new Error(place.reason), { code: "EACCES" });
  }
}

/** A descriptor that this program was given: a description of its own where it can be had, else a second number. */
function openDescriptor(target: string, given: number): OutputFile {
  const kind = kindOfFd(given);
  if (kind === "closed") throw Object.assign(new Error(`descriptor ${given} is not open`), { code: "EBADF" });
  const pipe = kind === "pipe" || isTerminal(given) ? reopenPipe(given, "write") : undefined;
  const fd = pipe ?? duplicate(given) ?? given;
  let isTaken = fd === given;
  return {
    ...UNCOUNTED,
    target,
    fd,
    isPipe: pipe !== undefined,
    take({ isBlocking }) {
      isTaken = true;
      if (isBlocking) clearNonBlocking(fd);
      return fd;
    },
    finish: () => isTaken ? undefined : closeFd(fd),
  };
}

const UNCOUNTED = { path: undefined, countBytes: () => undefined, take: () => undefined } as const;

function openPlaced(
  target: string,
  { place, folder, name }: { readonly place: FilePlace; readonly folder: RunFolder; readonly name: string },
): OutputFile {
  const temporary = makeTemporary(place, { folder, name });
  return {
    target,
    path: temporary,
    fd: undefined,
    isPipe: false,
    take: () => undefined,
    countBytes: () => statSync(temporary, { throwIfNoEntry: false })?.size,
    finish(isKept) {
      try {
        if (isKept && !isThereAlready(temporary, place)) {
          sync(temporary);
          putInPlace(temporary, place);
        }
      } finally {
        removeFile(temporary);
      }
    },
  };
}

/**
 * True when the file has the same bytes already: it stays, and is as new as if it had been written. Most of what is taken
 * from a cache is so, and to compare costs less than to make a file last.
 */
function isThereAlready(temporary: string, { path, existing }: FilePlace): boolean {
  if (existing === undefined) return false;
  try {
    const { size } = statSync(temporary);
    if (lstatSync(path).size !== size || !haveSameBytes([temporary, path], size)) return false;
    const now = new Date();
    utimesSync(path, now, now);
    return true;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return false; // What cannot be looked at, or is another user's, is written.
  }
}

/** Two regular files that are so large. Throws the system's error. */
function haveSameBytes(paths: readonly [string, string], size: number): boolean {
  const fds = [openFile(paths[0], "read")];
  try {
    fds.push(openFile(paths[1], "read"));
    const pieceBytes = Math.min(FILE_READ_BYTES, size + 1);
    const [left, right] = [new Uint8Array(pieceBytes), new Uint8Array(pieceBytes)];
    const [first = -1, second = -1] = fds;
    for (;;) {
      const count = readSync(first, left);
      // Regular files give all that there is.
      if (readSync(second, right) !== count) return false;
      if (count === 0) return true;
      if (Buffer.compare(left.subarray(0, count), right.subarray(0, count)) !== 0) return false;
    }
  } finally {
    for (const fd of fds) closeFile(fd);
  }
}

function sync(path: string): void {
  const fd = openFile(path, "read");
  try {
    fsyncSync(fd);
  } finally {
    closeFile(fd);
  }
}

/** What the system says where no file can be made; of a file in `/proc` or `/sys`, that there is none. */
export const NOT_BESIDE: readonly string[] = ["EACCES", "EPERM", "EROFS", "ENAMETOOLONG"];

/** Beside its place, where a rename is enough; in the run's folder when that cannot be written. Gives its path. */
function makeTemporary(
  { path, existing, isCopied }: FilePlace,
  { folder, name }: { readonly folder: RunFolder; readonly name: string },
): string {
  const beside = join(dirname(path), name);
  if (!isCopied) {
    folder.noteTemporary(beside);
    try {
      closeFile(openFile(beside, "write"));
      return beside;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      const isNoPlace = existing !== undefined && error.code === "ENOENT";
      if (!isNoPlace && !NOT_BESIDE.includes(error.code)) throw error;
    }
  }
  const inside = join(folder.path, name);
  closeFile(openFile(inside, "write"));
  return inside;
}

/** What cannot be renamed over (a mount, a file in a folder that may not be written) is written as it is. */
const NOT_RENAMED: readonly string[] = ["EBUSY", "EXDEV", "EACCES", "EPERM", "EROFS", "ETXTBSY"];

/** Throws the system's error. */
export function putInPlace(temporary: string, { path, existing, isCopied }: FilePlace): void {
  if (!isCopied) {
    try {
      if (existing !== undefined) keepOwner(temporary, existing);
      return renameSync(temporary, path);
    } catch (error) {
      if (!isSystemError(error) || !NOT_RENAMED.includes(error.code)) throw error;
    }
  }
  copyInto(path, temporary);
}

/** What the file is called, whose it is and who may use it stays as it is. */
function copyInto(path: string, from: string): void {
  const source = openFile(from, "read");
  try {
    const target = openFile(path, "write");
    try {
      const buffer = new Uint8Array(FILE_READ_BYTES);
      for (let count = readSync(source, buffer); count > 0; count = readSync(source, buffer)) {
        for (let at = 0; at < count;) at += writeSync(target, buffer, at, count - at);
      }
      syncIfLasting(target);
    } finally {
      closeFile(target);
    }
  } finally {
    closeFile(source);
  }
}

/** A file of the system's own (`/proc`, `/sys`) has nothing that could last, and says so. */
function syncIfLasting(fd: number): void {
  try {
    fsyncSync(fd);
  } catch (error) {
    if (!isSystemError(error) || !["EINVAL", "ENOTSUP"].includes(error.code)) throw error;
  }
}

/** It stays whose it was, as far as this user may say so, and as open. */
function keepOwner(temporary: string, { uid, gid, mode }: { uid: number; gid: number; mode: number }): void {
  try {
    chownSync(temporary, uid, gid);
  } catch (error) {
    if (!isSystemError(error)) throw error; // Only the superuser gives files away.
  }
  chmodSync(temporary, mode & 0o7777);
}
