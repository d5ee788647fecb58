/**
 * Sees to it that what was written lies on the disk, before it is put in place.
 */
import { closeSync, fsyncSync, openSync } from "node:fs";
import { errno, libc } from "./libc.ts";
import { nameErrno, systemError } from "../errno.ts";

/** From so many files on, all that waits for the disk is written at once, where the system can be asked for that. */
const FILES_AT_ONCE = 32;

/** Waits until files of one folder are on the disk. Throws the system's error. */
export function syncFiles(folder: string, paths: readonly string[]): void {
  if (paths.length >= FILES_AT_ONCE && syncAll(folder)) return;
  for (const path of paths) withOpen(path, fsyncSync);
}

/** A call for each of thousands of files would wait for the disk as often. False where it cannot be asked for. */
function syncAll(folder: string): boolean {
  const calls = libc();
  if (calls === undefined) return false;
  withOpen(folder, (fd) => {
    if (calls.syncfs(fd) !== 0) throw systemError(nameErrno(errno()), "syncfs");
  });
  return true;
}

function withOpen(path: string, action: (fd: number) => void): void {
  const fd = openSync(path, "r");
  try {
    action(fd);
  } finally {
    closeSync(fd);
  }
}
