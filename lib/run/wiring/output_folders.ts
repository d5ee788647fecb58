/**
 * The folders of files of `out` that are one for each member: made when they are not there, and removed again when
 * nothing came into them.
 */
import { mkdirSync, rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { isSystemError } from "../../host/errno.ts";

export class OutputFolders {
  /** Those that were made, a folder before what is in it. */
  readonly #made: string[] = [];
  readonly #known = new Set<string>();

  /** Makes the folders above a file. Throws the system's error. */
  makeFor(target: string): void {
    const folder = dirname(target);
    if (this.#known.has(folder)) return;
    this.#known.add(folder);
    const first = mkdirSync(folder, { recursive: true });
    if (first === undefined) return;
    const made: string[] = [];
    for (let path = folder; path.length >= first.length; path = dirname(path)) made.unshift(path);
    this.#made.push(...made);
  }

  /** What is in one stays, and so does it. */
  removeEmpty(): void {
    for (const folder of this.#made.splice(0).reverse()) {
      try {
        rmdirSync(folder);
      } catch (error) {
        if (!isSystemError(error)) throw error; // Something is in it, or somebody else has removed it.
      }
    }
  }
}
