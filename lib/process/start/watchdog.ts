/**
 * Two small processes that outlive the engine for a moment: each waits at a pipe that only the engine holds. When the
 * engine is gone without a word, even by `kill -9`, the first ends every process of the run and removes its temporary
 * files; the second does when the first was killed too.
 *
 * Found are: the process groups of the actors, and on Linux every process that carries the run's mark in its
 * environment, so also daemons with a session of their own. Not found is a process that left its group *and* cleared
 * its environment.
 */
import process from "node:process";
import { closeFd, makePipe, writeWhole } from "../../host/descriptors/descriptors.ts";
import { spawnProcess } from "../../host/spawn/spawn.ts";
import type { SpawnedProcess } from "../../host/spawn/spawned_process.ts";
import { SpawnError } from "../../host/spawn/spawned_process.ts";
import type { RunFolder } from "./run_folder.ts";

const SCRIPT = `
trap '' HUP INT QUIT TERM
read -r word && [ "$word" = done ] && exit 0
mark=$1 folder=$2 role=$3
if [ "$role" = folder ]; then
  rm -rf -- "$folder"
  exit 0
fi
# The second one looks after what the first one was to do, should both it and the engine have been killed.
if [ "$role" = second ]; then
  sleep 0.7
  [ -d "$folder" ] || exit 0
fi
groups() {
  [ -f "$folder/groups" ] || return
  awk '/^[+]/ { live[substr($0, 2)] = 1 } /^-/ { delete live[substr($0, 2)] } END { for (g in live) print g }' "$folder/groups"
}
marked() { grep -ls "$mark" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3; }
signal() {
  for group in $(groups); do kill -s "$1" -- "-$group" 2>/dev/null; done
  for pid in $(marked); do kill -s "$1" "$pid" 2>/dev/null; done
}
signal TERM
sleep 0.4
turn=0
while [ $turn -lt 30 ]; do
  signal KILL
  sleep 0.1
  [ -z "$(marked)" ] && [ $turn -gt 1 ] && break
  turn=$((turn + 1))
done
[ -f "$folder/temporary" ] && xargs -0 rm -f -- < "$folder/temporary"
[ -f "$folder/folders" ] && xargs -0 rm -rf -- < "$folder/folders"
# All folders of this engine: what was taken from an earlier run has one of its own.
rm -rf -- "\${folder%-*}-"*
`;

const DONE = new TextEncoder().encode("done\n");

export interface Watchdog {
  /** Tells it that the run ended in order, and waits until it has gone. */
  dismiss(): Promise<void>;
}

/** Starts the watchdogs of a run, before its folder is made and its first actor starts. */
export async function startWatchdog(mark: string, folder: Pick<RunFolder, "path">): Promise<Watchdog> {
  const first = await startOne([mark, folder.path, "first"]);
  let second: Watchdog;
  try {
    second = await startOne([mark, folder.path, "second"]);
  } catch (error) {
    await first.dismiss();
    throw error;
  }
  return {
    async dismiss() {
      await Promise.all([first.dismiss(), second.dismiss()]);
    },
  };
}

/** Removes a folder when the engine is gone without a word; started before the folder is made. */
export async function guardFolder(path: string): Promise<Watchdog> {
  return await startOne(["none", path, "folder"]);
}

async function startOne(words: readonly string[]): Promise<Watchdog> {
  const { readFd, writeFd } = makePipe();
  let watchdog: SpawnedProcess;
  try {
    watchdog = await spawnProcess({
      file: "/bin/sh",
      args: ["-c", SCRIPT, "sluice-watchdog", ...words],
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
      cwd: "/",
      fds: new Map([[0, readFd]]),
    });
  } catch (error) {
    closeFd(writeFd);
    if (!(error instanceof SpawnError)) throw error;
    throw new SpawnError(error.errno, `Cannot start the watchdog of the run: ${error.message}`);
  } finally {
    closeFd(readFd);
  }
  return {
    async dismiss() {
      try {
        writeWhole(writeFd, DONE);
      } catch {
        // Without a word it takes the engine for dead, and finds nothing that is left of the run.
      }
      closeFd(writeFd);
      await watchdog.exited;
    },
  };
}
