/**
 * Whether a descriptor is a terminal.
 */
import { fstatSync } from "node:fs";
import process from "node:process";

/** Only what is a character device can be one, so elsewhere what knows terminals is not loaded. */
export function isTerminal(fd: number): boolean {
  try {
    if (!fstatSync(fd).isCharacterDevice()) return false;
  } catch {
    // It is closed, or one that Deno has not opened.
  }
  return process.getBuiltinModule("node:tty").isatty(fd);
}
