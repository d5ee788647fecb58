/**
 * Starting a process with exactly the descriptors it is given, in a session and process group of its own. The one
 * file that starts actors: with `posix_spawn` where the C library can be called, because Deno's own way leaves
 * duplicates of passed descriptors in the child, Node's copies its page tables for every process, and all cost more;
 * elsewhere with execa.
 */
import type { Options } from "execa";
import { closeFd, duplicate, openNull } from "../descriptors/descriptors.ts";
import type { SpawnLibc } from "../descriptors/libc.ts";
import { spawnLibc } from "../descriptors/libc.ts";
import { readProgramHead } from "./program_file.ts";
import { spawnReason } from "./spawn_reason.ts";
import { spawnWithLibc } from "./spawn_libc.ts";
import type { ExitStatus, SpawnedProcess, SpawnOptions } from "./spawned_process.ts";
import { SpawnError } from "./spawned_process.ts";

/** Starts a process. Rejects with a SpawnError; the descriptors stay open in the engine. */
export async function spawnProcess(request: SpawnOptions): Promise<SpawnedProcess> {
  try {
    const calls = spawnLibc();
    return calls !== undefined ? spawnNatively(calls, request) : await spawnWithExeca(request);
  } catch (error) {
    if (!(error instanceof SpawnError) || error.errno === UNKNOWN) throw error;
    throw new SpawnError(error.errno, spawnReason(error.errno, request));
  }
}

/** The code where the runtime tells none of the system. */
const UNKNOWN = "ESPAWN";

async function spawnWithExeca(request: SpawnOptions): Promise<SpawnedProcess> {
  // Loaded when the first process starts: where it is not needed, its loading is not paid for.
  const { execa } = await import("execa");
  const highest = Math.max(2, ...request.fds.keys());
  const duplicates: number[] = [];
  // Execa takes numbers too, and any length from three; its types know only the common forms.
  const stdio = Array.from(
    { length: highest + 1 },
    (_, fd) => {
      const given = request.fds.get(fd);
      if (given === undefined) return fd < 3 ? openNull() : "ignore";
      if (given > 2 || given === fd) return given;
      // 0, 1 and 2 in another place are no descriptors to execa.
      const other = duplicate(given);
      if (other !== undefined) duplicates.push(other);
      return other ?? given;
    },
  ) as unknown as ["ignore", "ignore", "ignore"];
  try {
    const child = execa(request.file, request.args, {
      ...EXECA_OPTIONS,
      cwd: request.cwd,
      env: request.env,
      stdio,
    });
    const { pid } = child;
    if (pid === undefined) throw toSpawnError((await child).code);
    const exited = child.then(({ exitCode, signal }): ExitStatus => {
      const status = signal === undefined ? { code: exitCode ?? 1 } : { signal };
      request.onExit?.(status);
      return status;
    });
    return { pid, exited };
  } catch (error) {
    // When descriptors are short, the runtime may throw something of its own instead of the system's error.
    throw error instanceof SpawnError ? error : toSpawnError(undefined, error);
  } finally {
    duplicates.forEach(closeFd);
  }
}

function toSpawnError(code = UNKNOWN, cause?: unknown): SpawnError {
  const detail = cause instanceof Error ? `: ${cause.message}` : "";
  return new SpawnError(code, `the system did not start it (${code})${detail}`);
}

/** A script without `#!` is run by the shell, as `execvp` does; a program for another processor is none. */
function spawnNatively(calls: SpawnLibc, request: SpawnOptions): SpawnedProcess {
  try {
    return spawnWithLibc(calls, request);
  } catch (error) {
    if (!(error instanceof SpawnError && error.errno === "ENOEXEC")) throw error;
    if (readProgramHead(request.file).kind === "binary") throw error;
    return spawnWithLibc(calls, { ...request, file: "/bin/sh", args: [request.file, ...request.args] });
  }
}

const EXECA_OPTIONS = {
  extendEnv: false,
  detached: true,
  buffer: false,
  reject: false,
  cleanup: false,
} as const satisfies Options;
