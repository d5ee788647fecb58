/**
 * An output that is a file for each key. All are written into one folder beside their places, which is gone when the run
 * has ended, and put in place together when it succeeded.
 */
import { mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { KeyedOutput } from "../../core/flow.ts";
import { hasCode } from "../../host/errno.ts";
import { removeFolder } from "../../host/files/remove.ts";
import { syncFiles } from "../../host/descriptors/sync_files.ts";
import { pathOfKey } from "../../pipe/split/key_path.ts";
import { findOutputPlace } from "../../process/start/output_place.ts";
import type { RunFolder } from "../../process/start/run_folder.ts";
import { type FilePlace, NOT_BESIDE, putInPlace } from "./output_file.ts";
import type { OutputFolders } from "./output_folders.ts";

export class KeyedFiles {
  readonly output: KeyedOutput;
  /** Where they are written; a file is called by the number of its key. */
  readonly folder: string;
  readonly #folders: OutputFolders;

  /** Makes the folder. Throws the system's error. */
  constructor(
    output: KeyedOutput,
    { run, folder, folders, number }: {
      readonly run: string;
      readonly folder: RunFolder;
      readonly folders: OutputFolders;
      readonly number: number;
    },
  ) {
    this.output = output;
    this.#folders = folders;
    this.folder = this.#make(`.sluice-${run.slice(0, 8)}-keys-${number}.tmp`, folder);
  }

  /** Beside the files, where a rename is enough; in the run's folder when that cannot be written. */
  #make(name: string, folder: RunFolder): string {
    const [first = ""] = this.output.keyed;
    const above = dirname(typeof first === "string" ? `${first}.` : "/");
    const beside = join(above, name);
    folder.noteTemporaryFolder(beside);
    try {
      this.#folders.makeFor(beside);
      mkdirSync(beside);
      return beside;
    } catch (error) {
      if (!hasCode(error, ...NOT_BESIDE)) throw error;
      const inside = join(folder.path, basename(beside));
      mkdirSync(inside);
      return inside;
    }
  }

  /** Puts the files of these keys in place: all, or those before the one that the system refuses. Throws its error. */
  put(keys: readonly string[]): void {
    const places = keys.map((key, index): FilePlace => {
      const path = pathOfKey(this.output.keyed, { key, index });
      this.#folders.makeFor(path);
      const place = findOutputPlace(path);
      if (place.kind === "file") return place;
      const reason = place.kind === "refused" ? place.reason : "it is no regular file";
      throw Object.assign(new Error(`"${path}": ${reason}`), { code: "EACCES" });
    });
    const temporary = places.map((_, index) => join(this.folder, String(index)));
    syncFiles(this.folder, temporary);
    for (const [index, place] of places.entries()) putInPlace(temporary[index] ?? "", place);
  }

  /** Removes what is not in place. Throws the system's error. */
  remove(): void {
    removeFolder(this.folder);
  }
}
