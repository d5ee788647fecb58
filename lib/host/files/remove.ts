/**
 * Removing files and folders, with the system's own word when it refuses: Node's `rmSync` has no code for some errors.
 */
import { lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../errno.ts";

/** Removes a file, if it is there. Throws the system's error. */
export function removeFile(path: string): void {
  ifThere(path, () => unlinkSync(path));
}

/** Removes a folder with all that is in it, if it is there; what cannot be removed stays alone. Throws the first error. */
export function removeFolder(path: string): void {
  const errors: unknown[] = [];
  const attempt = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      errors.push(error);
    }
  };
  attempt(() =>
    ifThere(path, () => {
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        const inside = join(path, entry.name);
        attempt(() => entry.isDirectory() ? removeFolder(inside) : removeFile(inside));
      }
    })
  );
  attempt(() => ifThere(path, () => rmdirSync(path)));
  if (errors.length > 0) throw errors[0];
}

function ifThere(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    // On a disk that is read-only the system says so of what is not there, too.
    const isGone = hasCode(error, "ENOENT") || (hasCode(error, "EROFS") && !isThere(path));
    if (!isGone) throw error;
  }
}

function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    return !hasCode(error, "ENOENT");
  }
}
