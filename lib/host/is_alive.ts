import process from "node:process";
import { hasCode } from "./errno.ts";

/** True when there is such a process. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Without the right to signal it, it is there.
    return hasCode(error, "EPERM");
  }
}
