/** How much room there is. */
import { statfsSync } from "node:fs";

/** Bytes that are free on the disk of a folder; infinite when the system does not tell. */
export function freeBytesOf(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
