/**
 * Files that come with the program and that other programs read: flows with their scripts, actors in Python. A program
 * that is a single file (`build/executable.ts`) has them in it, and writes them to the user's folder for caches, where
 * they stay for its next runs.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { RUN_FOLDER_PREFIX } from "../core/limits/process.ts";
import { hasCode, isSystemError } from "./errno.ts";
import { cachesOfUser } from "./keep_compiled.ts";

/** What such a program tells of itself before anything else is loaded. */
export interface Embedded {
  /** Of the files: programs with the same ones share them. */
  readonly hash: string;
  /** Their texts, by paths from the root of the project. */
  readonly files: Readonly<Record<string, string>>;
  /** The word behind its name that makes it the program which calls plain functions. */
  readonly handlerWord: string;
}

// Its absence is what the optional type says.
const { sluiceEmbedded } = globalThis as unknown as { readonly sluiceEmbedded?: Embedded };
/** What this program has in it, when it is a single file. */
export const embedded: Embedded | undefined = sluiceEmbedded;

/** A file or folder by its path from the root, which is at `url` otherwise; undefined when it is not on this machine. */
export function ownPath(path: string, url: URL): string | undefined {
  if (embedded !== undefined) return join(unpack(embedded), path);
  return url.protocol === "file:" ? fileURLToPath(url) : undefined;
}

let unpacked: string | undefined;

/**
 * In the user's caches; where those cannot be written, in a temporary folder, for this run. Throws the system's error
 * where that cannot be made either.
 */
function unpack(own: Embedded): string {
  try {
    unpacked ??= unpackIntoCaches(own);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const folder = mkdtempSync(join(tmpdir(), `${RUN_FOLDER_PREFIX}${process.pid}-`));
    writeAll(folder, own);
    // Of a program that is killed the next start removes it, as all such folders.
    const { isMainThread } = process.getBuiltinModule("node:worker_threads");
    if (isMainThread) process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    unpacked = folder;
  }
  return unpacked;
}

function writeAll(folder: string, { files }: Embedded): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** The folder has all of them or is not there. Throws the system's error. */
function unpackIntoCaches(own: Embedded): string {
  const { hash } = own;
  const caches = join(cachesOfUser(), "sluice");
  const folder = join(caches, `own-${hash}`);
  if (existsSync(folder)) return folder;
  mkdirSync(caches, { recursive: true, mode: 0o700 });
  const beside = mkdtempSync(`${folder}.`);
  try {
    writeAll(beside, own);
    renameSync(beside, folder);
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    // Another run was faster.
    if (!hasCode(error, "ENOTEMPTY", "EEXIST")) throw error;
  }
  return folder;
}
