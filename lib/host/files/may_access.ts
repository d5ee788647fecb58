/**
 * Whether this user may use a file, without opening it.
 */
import { accessSync, constants, statSync } from "node:fs";
import { deno } from "../runtime.ts";

const MODES = { read: constants.R_OK, write: constants.W_OK, execute: constants.X_OK } as const;

/** False when the system would refuse. Deno would ask for one more permission, so there only the bits are looked at. */
export function mayAccess(path: string, mode: keyof typeof MODES): boolean {
  try {
    if (deno !== undefined) return mode !== "execute" || (statSync(path).mode & 0o111) !== 0;
    accessSync(path, MODES[mode]);
    return true;
  } catch {
    // Any reason comes to the same: it cannot be used so.
    return false;
  }
}
