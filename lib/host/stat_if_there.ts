/**
 * What the system knows of a path that may name nothing: a word of a command, a pattern, a path from an earlier run.
 */
import type { BigIntStats } from "node:fs";
import { statSync } from "node:fs";
import { hasCode } from "./errno.ts";

/** What says that there is no such file for us, whatever the reason. */
const NOT_THERE = ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP", "EACCES"] as const;

/** The status of a file; undefined when a path leads to none that can be seen. Throws other errors of the system. */
export function statIfThere(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    if (hasCode(error, ...NOT_THERE)) return undefined;
    throw error;
  }
}
