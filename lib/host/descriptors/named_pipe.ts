/**
 * Named pipes. To open one waits for the other end, and whoever waits there does nothing else: here it is opened without
 * waiting, and waited for as for everything else.
 */
import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { NAMED_PIPE_LOOK_MS } from "../../core/limits/streams.ts";
import { openPipe } from "./descriptors.ts";
import { hasCode } from "../errno.ts";

/** True for a pipe in the file system. */
export function isNamedPipe(path: string): boolean {
  try {
    return statSync(path).isFIFO();
  } catch {
    return false; // Whoever opens it is told why.
  }
}

/** Opens one to be read, whether somebody writes to it or not. Throws the system's error. */
export function openToRead(path: string): number {
  return openPipe(path, "read");
}

/** Opens one to be written, as soon as somebody reads it. Rejects with the system's error, or when it is given up. */
export async function waitForReader(path: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    try {
      return openPipe(path, "write");
    } catch (error) {
      if (!hasCode(error, "ENXIO")) throw error;
    }
    // The system tells nobody that a reader has come.
    await sleep(NAMED_PIPE_LOOK_MS, undefined, { signal });
  }
}
