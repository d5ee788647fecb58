/**
 * The folder in which relative paths start. It may have been removed since this program was started in it; then some
 * runtimes throw, and others take another folder without a word.
 */
import { isAbsolute, resolve } from "node:path";
import process from "node:process";

export class WorkingFolderError extends Error {
  override readonly name = "WorkingFolderError";
}

/** The working directory. Throws a WorkingFolderError when it is gone. */
export function workingFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new WorkingFolderError(
      "Cannot tell the working directory: it was removed (change to a folder that exists)",
      { cause },
    );
  }
}

/** A path that means the same wherever it is used. Throws a WorkingFolderError. */
export function toAbsolute(path: string): string {
  return isAbsolute(path) ? resolve(path) : resolve(workingFolder(), path);
}

/**
 * Where a path leads for a process that works in `folder`. A `..` behind a link leads to where the system finds it,
 * which its text does not tell: such a path is left as it is written.
 *
 * @example
 * placeFrom("/flow/sub", "./tool"); // "/flow/sub/tool"
 * placeFrom("/flow/link", "../tool"); // "/flow/link/../tool"
 */
export function placeFrom(folder: string, path: string): string {
  if (!path.split("/").includes("..")) return resolve(folder, path);
  return isAbsolute(path) ? path : `${folder}/${path}`;
}
