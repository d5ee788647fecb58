/**
 * Folders of one engine in the system's temporary folder. Their names hold its process id, so that the next start can
 * tell which are of the dead.
 */
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { FlowError } from "../../core/issue.ts";
import { RUN_FOLDER_PREFIX } from "../../core/limits/process.ts";
import { codeOf, hasCode } from "../errno.ts";
import { randomId } from "../random_id.ts";

/** The system's temporary folder; absolute, because actors and the watchdog work elsewhere. */
export function temporaryRoot(): string {
  return resolve(tmpdir());
}

/** The path of a folder that is not there yet. */
export function nameTemporaryFolder(): string {
  const id = randomId().replaceAll("-", "").slice(0, NAME_LENGTH);
  return join(temporaryRoot(), `${RUN_FOLDER_PREFIX}${process.pid}-${id}`);
}

/** Makes such a folder, for this user alone. Throws a FlowError where that cannot be done: nothing has been started. */
export function makeTemporaryFolder(path = nameTemporaryFolder()): string {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw temporaryError(error);
  }
  return path;
}

/** Hexadecimal digits: nobody else comes upon it. */
const NAME_LENGTH = 16;

/** What to tell when the folder cannot be used because of an error of the system. */
export function temporaryError(error: unknown): FlowError {
  const code = codeOf(error) ?? "unknown";
  const message = temporaryMessage(REASONS[code] ?? `the system says ${code}`);
  return new FlowError(message, [{ path: [], at: "outside", message }]);
}

/** The sentence for a reason such as "it is full". */
export function temporaryMessage(reason: string): string {
  const root = temporaryRoot();
  const shown = JSON.stringify(root.length > SHOWN_MAX ? `${root.slice(0, SHOWN_MAX)}…` : root);
  return `Cannot use the temporary folder ${shown}: ${reason} (expected a folder that may be written; set TMPDIR to one)`;
}

/** A path may be as long as it likes. */
const SHOWN_MAX = 200;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "nothing can be made in it",
  ENOTDIR: "it is no folder",
  EACCES: "it may not be written",
  EPERM: "it may not be written",
  EROFS: "it is read-only",
  ENOSPC: "it is full",
  EDQUOT: "no more may be written there (disk quota)",
  ENAMETOOLONG: "its path is too long",
};
