/**
 * Why a flow file cannot be read, for people.
 */
import { FLOW_FILE_BYTES_MAX } from "../../core/limits/flow.ts";
import { codeOf, LINKS_RING } from "../../host/errno.ts";

export const TOO_LARGE = `it is too large (expected at most ${FLOW_FILE_BYTES_MAX / 1024 / 1024} MiB)`;

/** What the system says, and what was expected. */
export function readReason(error: unknown): string {
  switch (codeOf(error)) {
    case "ENOENT":
      return "there is no such file (expected the path of a flow file)";
    case "EISDIR":
      return "it is a folder (expected a file)";
    case "EACCES":
    case "EPERM":
      return "it may not be read (expected permission to read it)";
    case "ELOOP":
      return `${LINKS_RING} (expected the path of a file)`;
    case "EBADF":
      return "this program was not given it (expected one that is open)";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
