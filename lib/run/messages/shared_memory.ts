/** What the message actors of a run exchange in shared memory: a folder there, which goes with the run. */
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { removeFolder } from "../../host/files/remove.ts";
import { makeSharedFolder, nameSharedFolder } from "../../host/files/shared_memory.ts";
import type { RunFolder } from "../../process/start/run_folder.ts";

export class SharedMemory {
  readonly #folder: RunFolder;
  #path: string | undefined;

  constructor(folder: RunFolder) {
    this.#folder = folder;
  }

  /** The path of the folder, made when it is first asked for. */
  get path(): string {
    return this.#path ??= this.#make();
  }

  /** Removes the folder and all that actors have left in it, also those that were killed. */
  close(): void {
    if (this.#path !== undefined) removeFolder(this.#path);
  }

  #make(): string {
    const shared = nameSharedFolder(`${basename(this.#folder.path)}-shared`);
    this.#folder.noteTemporaryFolder(shared); // Whoever looks after a killed engine removes it.
    if (makeSharedFolder(shared)) return shared;
    const inside = join(this.#folder.path, "shared");
    mkdirSync(inside, { mode: 0o700 });
    return inside;
  }
}
