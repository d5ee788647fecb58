/**
 * Named pipes and devices. To open one waits for the other end, and whoever waits there does nothing else: here it is opened without
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
    return statSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
  } catch {
    return false; // Whoever opens it is told why.
  }
}

/** Of these, `null`, `zero` and `full` of the system's memory, nobody ever waits for a byte. */
const NEVER_WAITING = new Set([0x103, 0x105, 0x107]);
/** Where a file without a size may be a queue of the kernel: its log, its traces. */
const OF_THE_KERNEL = /^\/(?:proc|sys)\//;

/** What a file is: a pipe, a device whose reader may have to wait, such as a terminal, or one that can be read at once. */
export function kindOfFile(path: string): "file" | "pipe" | "device" {
  try {
    const stat = statSync(path);
    if (stat.isFIFO()) return "pipe";
    if (stat.isCharacterDevice()) return NEVER_WAITING.has(stat.rdev) ? "file" : "device";
    return stat.isFile() && stat.size === 0 && OF_THE_KERNEL.test(path) ? "device" : "file";
  } catch {
    return "file"; // Whoever opens it is told why.
  }
}

/** Opens a pipe to be read, whether somebody writes to it or not, or a device. Throws the system's error. */
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
