/**
 * Files that say only that they are there.
 */
import { closeSync, openSync } from "node:fs";
import { hasCode } from "../errno.ts";

/** Makes an empty file; false when it was there. Throws the system's error. */
export function writeNew(path: string): boolean {
  try {
    closeSync(openSync(path, "wx"));
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}
