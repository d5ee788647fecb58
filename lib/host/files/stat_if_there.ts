/**
 * What the system knows of a path that may name nothing: a word of a command, a pattern, a path from an earlier run.
 */
import type { BigIntStats } from "node:fs";
import { statSync } from "node:fs";
import { hasCode } from "../errno.ts";

/** What says that there is no such file for us, whatever the reason. */
const NOT_THERE = ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP", "EACCES"] as const;

/** True for an error that says so; others say that the system does not know. */
export function isNotThere(error: unknown): boolean {
  return hasCode(error, ...NOT_THERE);
}

/** False only when there is nothing for us: what the system does not know is told by whoever opens it. */
export function mayBeThere(path: string): boolean {
  try {
    return statIfThere(path) !== undefined;
  } catch {
    return true;
  }
}

/** The status of a file; undefined when a path leads to none that can be seen. Throws other errors of the system. */
export function statIfThere(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}
