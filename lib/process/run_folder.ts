/**
 * The folder of one run in the system's temporary folder, and what a crash leaves of it. Its name holds the engine's
 * process id, so the next start can tell that a run is dead and remove what it left.
 */
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { RUN_FOLDER_PREFIX } from "../core/limits.ts";
import { isAlive } from "../host/is_alive.ts";

export interface RunFolder {
  readonly path: string;
  /** Notes a file that has to go when the run dies before it can remove it. */
  noteTemporary(path: string): void;
  /** Notes the process group of an actor that has started (`+`) or ended (`-`). */
  noteGroup(sign: "+" | "-", pid: number): void;
  /** Bytes that are free where the folder is; without end where the system does not tell. */
  freeBytes(): number;
  remove(): void;
}

/** Makes the folder, and removes those of runs that died. */
export function makeRunFolder(): RunFolder {
  removeDeadFolders();
  const path = mkdtempSync(join(tmpdir(), `${RUN_FOLDER_PREFIX}${process.pid}-`));
  // Open from the start: when descriptors are short, a started process must still be noted.
  const groups = openSync(join(path, "groups"), "a");
  return {
    path,
    noteTemporary: (file) => appendFileSync(join(path, "temporary"), `${file}\n`),
    noteGroup: (sign, pid) => void writeSync(groups, `${sign}${pid}\n`),
    freeBytes() {
      try {
        const { bavail, bsize } = statfsSync(path);
        return bavail * bsize;
      } catch {
        return Infinity;
      }
    },
    remove() {
      closeSync(groups);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function removeDeadFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(RUN_FOLDER_PREFIX)) continue;
    const pid = Number(name.slice(RUN_FOLDER_PREFIX.length).split("-")[0]);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    const folder = join(tmpdir(), name);
    try {
      for (const file of readFileSync(join(folder, "temporary"), "utf8").split("\n")) {
        if (file !== "") rmSync(file, { force: true });
      }
    } catch {
      // It had no temporary files, or belongs to somebody else.
    }
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Somebody else's: not ours to remove.
    }
  }
}
