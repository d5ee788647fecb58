/**
 * Whether a descriptor is a terminal.
 */
import { fstatSync } from "node:fs";
import process from "node:process";
import { isLinux } from "./runtime.ts";

/** On Linux what is memory in place of a device: `/dev/null`, `/dev/zero`, `/dev/full`. */
const MEMORY_DEVICES = 1;

/** Only some character devices can be one, so elsewhere what knows terminals is not loaded: streams come with it. */
export function isTerminal(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    if (!stats.isCharacterDevice()) return false;
    if (isLinux && ((stats.rdev >> 8) & 0xfff) === MEMORY_DEVICES) return false;
  } catch {
    // It is closed, or one that Deno has not opened.
  }
  return process.getBuiltinModule("node:tty").isatty(fd);
}
