/**
 * The folder of one run in the system's temporary folder, and what a crash leaves of it. Its name holds the engine's
 * process id, so the next start can tell that a run is dead and remove what it left.
 */
import {
  appendFileSync,
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { RUN_FOLDER_PREFIX } from "../../core/limits/process.ts";
import { freeBytesOf } from "../../host/files/free_bytes.ts";
import { isAlive } from "../../host/is_alive.ts";
import { removeFile, removeFolder } from "../../host/files/remove.ts";
import {
  makeTemporaryFolder,
  nameTemporaryFolder,
  temporaryError,
  temporaryRoot,
} from "../../host/files/temporary_folder.ts";
import { markOf } from "../proc/run_mark.ts";
import { signalMarked } from "../stop/stop_processes.ts";
import { mayBeThere } from "../../host/files/stat_if_there.ts";

export interface RunFolder {
  readonly path: string;
  /** The temporary folder that it is in. */
  readonly root: string;
  /**
   * Makes it, for processes that carry `mark` in their environment. Whoever removes it after a crash is there before.
   * Throws a FlowError where that cannot be done.
   */
  make(mark: string): void;
  /** Notes a file that has to go when the run dies before it can remove it. */
  noteTemporary(path: string): void;
  /** The same of a folder with all that is in it. */
  noteTemporaryFolder(path: string): void;
  /**
   * Notes the process group of an actor that has started (`+`), at once or it throws; or that has ended (`-`), in the
   * same turn of the engine.
   */
  noteGroup(sign: "+" | "-", pid: number): void;
  /** Bytes that are free where the folder is; without end where the system does not tell. */
  freeBytes(): number;
  remove(): void;
}

/** Chooses a place for the folder, and removes those of runs that died. */
export function chooseRunFolder(): RunFolder {
  removeDeadFolders();
  const path = nameTemporaryFolder();
  let groups: number | undefined;
  /** Who has ended, and is not written yet: mostly another one starts at once, and both are one line. */
  let ended = "";
  const writeEnded = (): void => {
    try {
      if (groups !== undefined && ended !== "") writeSync(groups, ended);
      ended = "";
    } catch {
      // There is no room now: it goes with the next one.
    }
  };
  return {
    path,
    root: dirname(path),
    make(mark) {
      makeTemporaryFolder(path);
      groups = writeFirst(path, mark);
    },
    // No path holds a zero; one may hold a line break.
    noteTemporary: (file) => appendFileSync(join(path, "temporary"), `${file}\0`),
    noteTemporaryFolder: (folder) => appendFileSync(join(path, "folders"), `${folder}\0`),
    noteGroup(sign, pid) {
      if (groups === undefined) return;
      if (sign === "-") {
        if (ended === "") setImmediate(writeEnded);
        ended += `-${pid}\n`;
        return;
      }
      writeSync(groups, `${ended}+${pid}\n`);
      ended = "";
    },
    freeBytes: () => freeBytesOf(dirname(path)),
    remove() {
      try {
        if (groups !== undefined) closeSync(groups);
        groups = undefined;
      } finally {
        removeFolder(path);
      }
    },
  };
}

/** `groups` is open from the start, and has a line: when descriptors or room are short, a process must still be noted. */
function writeFirst(folder: string, mark: string): number {
  try {
    writeFileSync(join(folder, "machine"), machine());
    writeFileSync(join(folder, "mark"), mark);
    const groups = openSync(join(folder, "groups"), "a");
    writeSync(groups, "\n");
    return groups;
  } catch (error) {
    removeFolder(folder);
    throw temporaryError(error);
  }
}

/** What a process id means something in: since when this machine runs, and which container. Empty where nobody tells. */
function machine(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${
      readlinkSync("/proc/self/ns/pid")
    }`;
  } catch {
    return "";
  }
}

function removeDeadFolders(): void {
  for (const name of listFolders()) {
    const pid = Number(name.slice(RUN_FOLDER_PREFIX.length).split("-")[0]);
    const folder = join(temporaryRoot(), name);
    if (!Number.isInteger(pid) || isAlive(pid) || !isOurs(folder)) continue;
    killProcesses(folder);
    removeNoted(join(folder, "temporary"), removeFile);
    removeNoted(join(folder, "folders"), removeFolder);
    try {
      removeFolder(folder);
    } catch {
      // Another start removes it too.
    }
  }
}

function removeNoted(list: string, remove: (path: string) => void): void {
  try {
    for (const path of readFileSync(list, "utf8").split("\0")) {
      if (path !== "") remove(path);
    }
  } catch {
    // It had no such.
  }
}

/** Those of a run whose engine and watchdogs were all killed. */
function killProcesses(folder: string): void {
  let mark = "";
  try {
    mark = readFileSync(join(folder, "mark"), "utf8");
  } catch {
    // It has started none.
  }
  // A part of one, or none, would be found in everybody.
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(mark)) signalMarked(markOf(mark), "SIGKILL");
}

function listFolders(): readonly string[] {
  try {
    return readdirSync(temporaryRoot()).filter((name) => name.startsWith(RUN_FOLDER_PREFIX));
  } catch {
    // It may not be read, or is not there: who makes a folder in it tells.
    return [];
  }
}

/**
 * Somebody else may have put a folder here that names files of ours; and a process id of another container, which has
 * the same temporary folder, says nothing here.
 */
function isOurs(folder: string): boolean {
  try {
    const stat = lstatSync(folder);
    return stat.isDirectory() && stat.uid === process.getuid?.() && !isElsewhere(folder);
  } catch {
    // It has gone meanwhile.
    return false;
  }
}

function isElsewhere(folder: string): boolean {
  const file = join(folder, "machine");
  // A folder for something else, or of an engine that was killed at once.
  if (!mayBeThere(file)) return false;
  const told = readFileSync(file, "utf8");
  const [boot, container] = told.split(" ");
  const [ourBoot, ourContainer] = machine().split(" ");
  return told !== "" && boot === ourBoot && container !== ourContainer;
}
