/** How much room there is. */
import { statfsSync } from "node:fs";

/** Bytes that are free on the disk of a folder; infinite when the system does not tell, or it is no disk. */
export function freeBytesOf(folder: string): number {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return blocks === 0 ? Infinity : bavail * bsize;
  } catch {
    return Infinity;
  }
}
