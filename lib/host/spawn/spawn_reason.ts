/**
 * Why a process was not started, for people, with what can be done. The system has one code for many reasons: ENOENT
 * may be the program, its interpreter or its folder.
 */
import process from "node:process";
import { quoteArgument } from "../../core/quote_argument.ts";
import { readProgramHead, scriptProblem } from "./program_file.ts";
import type { SpawnOptions } from "./spawned_process.ts";
import { mayBeThere } from "../files/stat_if_there.ts";

/** A sentence such as `it is open for writing (close it first)`; the code stands behind it where nothing is known. */
export function spawnReason(errno: string, { file, cwd }: Pick<SpawnOptions, "file" | "cwd">): string {
  const reason = reasonOf(errno, { file, cwd });
  return reason === undefined ? `the system did not start it (${errno})` : `${reason} [${errno}]`;
}

function reasonOf(errno: string, { file, cwd }: Pick<SpawnOptions, "file" | "cwd">): string | undefined {
  switch (errno) {
    case "ENOENT":
    case "ENOTDIR":
    case "EACCES":
    case "ELOOP":
      if (!mayBeThere(cwd)) return `its working folder "${cwd}" is not there any more (make it again)`;
      if (!mayBeThere(file)) return `there is no program "${file}" (install it, or give its path)`;
      return scriptProblem(file, cwd) ?? reasonOfFile(errno, file);
    case "ENOEXEC":
      return `it is no program for this system (expected one for ${process.platform} on ${process.arch}, or a script)`;
    case "E2BIG":
      return "its arguments and environment are too long for the system (expected at most 128 KiB for each of them, " +
        "and 2 MiB in most cases for all; give large data on stdin or in a file)";
    case "ETXTBSY":
      return "it is open for writing (close it before it is run)";
    case "EAGAIN":
      return "there may be no more processes (see ulimit -u, and cgroup limits)";
    case "ENOMEM":
      return "there is no memory left to start it";
    case "EMFILE":
    case "ENFILE":
      return "too many files are open (see ulimit -n)";
    default:
      return undefined;
  }
}

function reasonOfFile(errno: string, file: string): string | undefined {
  if (errno === "EACCES") {
    return `it may not be executed (expected permission, and a file system without noexec; try chmod +x ${
      quoteArgument(file)
    })`;
  }
  if (readProgramHead(file).kind !== "binary") return undefined;
  return "the loader that it names is not there (expected a program for this system and C library)";
}
