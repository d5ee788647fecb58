/**
 * Whose the engine's processes are, and what they allow others in the files that they make.
 */
import { readFileSync } from "node:fs";
import process from "node:process";

/** User and file mask, as a text; "" where this program is not allowed to know them. */
export function ownRights(): string {
  try {
    return `${process.getuid?.()} ${process.umask()}`;
  } catch {
    // Deno asks for a permission of its own. The system tells it in a file too.
  }
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    return [/^Uid:.*$/m, /^Umask:.*$/m].map((line) => line.exec(status)?.[0]).join(" ");
  } catch {
    return "";
  }
}
