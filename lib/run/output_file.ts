/**
 * One file of `out`: written beside its place and renamed when the run succeeded, so it appears whole or not at all.
 */
import {
  chmodSync,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  realpathSync,
  renameSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { closeFile, openFile } from "../host/descriptors.ts";
import { removeFile } from "../host/remove.ts";
import type { RunFolder } from "../process/run_folder.ts";

export interface OutputFile {
  readonly target: string;
  readonly fd: number;
  countBytes(): number;
  /** Puts it in place, or removes it. Throws the system's error when it cannot be put in place. */
  finish(isKept: boolean): void;
}

/**
 * Opens an output. A target that exists and is no regular file (a device, a named pipe) is written directly. Throws
 * the system's error.
 */
export function openOutputFile(
  target: string,
  { run, folder }: { run: string; folder: RunFolder },
): OutputFile {
  const place = existsSync(target) ? realpathSync(target) : target;
  const existing = isThere(place) ? statSync(place) : undefined;
  if (existing !== undefined && !existing.isFile()) {
    const fd = openFile(place, "write");
    return { target, fd, countBytes: () => fstatSync(fd).size, finish: () => closeFile(fd) };
  }
  const temporary = join(dirname(place), `.${basename(place).slice(0, 180)}.${run.slice(0, 8)}.tmp`);
  folder.noteTemporary(temporary);
  const fd = openFile(temporary, "write");
  return {
    target,
    fd,
    countBytes: () => fstatSync(fd).size,
    finish(isKept) {
      try {
        try {
          if (isKept) fsyncSync(fd);
        } finally {
          closeFile(fd);
        }
        if (!isKept) return removeFile(temporary);
        if (existing !== undefined) chmodSync(temporary, existing.mode & 0o7777);
        renameSync(temporary, place);
      } catch (error) {
        removeFile(temporary);
        throw error;
      }
    },
  };
}

/** Also true for a symbolic link that leads nowhere. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined && existsSync(path);
}
