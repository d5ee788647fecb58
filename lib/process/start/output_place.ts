/**
 * What a file of `out` is in the file system, links followed to their ends, and so how it can be written.
 */
import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { unreachable } from "../../core/unreachable.ts";
import { hasCode } from "../../host/errno.ts";
import { mayAccess } from "../../host/files/may_access.ts";

/**
 * - `file`: a regular file or none yet. It is written elsewhere and put into its place at the end: renamed, or copied
 *   into the file as it is (`isCopied`), where it has other names (hard links) or its folder may not be written.
 * - `descriptor`: one that this program was given, such as `/dev/stdout`. It is written as it comes.
 * - `pipe`: a named pipe, which waits for a reader. It is written as it comes.
 * - `device`: it is opened and written as it comes.
 */
export type OutputPlace =
  | {
    readonly kind: "file";
    readonly path: string;
    readonly existing: Stats | undefined;
    readonly isCopied: boolean;
  }
  | { readonly kind: "descriptor"; readonly fd: number }
  | { readonly kind: "pipe" | "device"; readonly path: string }
  | { readonly kind: "refused"; readonly reason: string };

/** As many as the system follows. */
const LINKS_MAX = 40;

/**
 * Looks a target up. What cannot be found out is `refused` with the reason. `makesFolders`: those that are not there are
 * made before it is written.
 */
export function findOutputPlace(
  target: string,
  { makesFolders = false }: { readonly makesFolders?: boolean } = {},
): OutputPlace {
  let path = target;
  try {
    const above = makesFolders ? firstAbove(target) : undefined;
    if (above !== undefined) return fileBelow(above, target);
    for (let links = 0; links <= LINKS_MAX; links++) {
      // Its name may be a link's, or that of a descriptor, which is asked before it is followed.
      path = join(realpathSync(dirname(path)), basename(path));
      const fd = ownDescriptor(path);
      if (fd !== undefined) return { kind: "descriptor", fd };
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat === undefined) return newFile(path);
      if (!stat.isSymbolicLink()) return placeOf(path, stat);
      path = resolve(dirname(path), readlinkSync(path));
    }
    return { kind: "refused", reason: "its links lead round in a ring" };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { kind: "refused", reason: reasonOf(code) };
  }
}

/** The first folder above a file that is there, when its own is not. */
function firstAbove(target: string): string | undefined {
  let folder = dirname(target);
  while (!isThere(folder) && folder !== dirname(folder)) folder = dirname(folder);
  return folder === dirname(target) ? undefined : folder;
}

/** Below what is no folder there is nothing. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (!hasCode(error, "ENOTDIR")) throw error;
    return false;
  }
}

function fileBelow(folder: string, target: string): OutputPlace {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) return { kind: "refused", reason: reasonOf("ENOTDIR") };
  return mayAccess(folder, "write")
    ? { kind: "file", path: target, existing: undefined, isCopied: false }
    : { kind: "refused", reason: `folder "${folder}" may not be written (expected permission)` };
}

/** How a target is written, for people, where that is not by a file that appears whole. */
export function howIsWritten(target: string): string | undefined {
  if (target === "-") return undefined;
  const place = findOutputPlace(target);
  switch (place.kind) {
    case "file":
      return place.isCopied
        ? "as it is when the flow has succeeded: it has other names, or its folder may not be written"
        : undefined;
    case "descriptor":
      return `as it comes: it is descriptor ${place.fd} of this program`;
    case "pipe":
      return "as it comes, when somebody reads it: it is a named pipe";
    case "device":
      return "as it comes: it is a device";
    case "refused":
      return undefined;
    default:
      return unreachable(place);
  }
}

/** The number of a descriptor of this program that a path of `/proc` names. */
function ownDescriptor(path: string): number | undefined {
  const found = /^\/proc\/(\d+)\/(?:task\/\d+\/)?fd\/(\d+)$/.exec(path);
  return found?.[1] === String(process.pid) ? Number(found[2]) : undefined;
}

function newFile(path: string): OutputPlace {
  const folder = dirname(path);
  if (!statSync(folder).isDirectory()) return { kind: "refused", reason: reasonOf("ENOTDIR") };
  return mayAccess(folder, "write")
    ? { kind: "file", path, existing: undefined, isCopied: false }
    : { kind: "refused", reason: "its folder may not be written (expected permission)" };
}

function placeOf(path: string, stat: Stats): OutputPlace {
  if (stat.isDirectory()) return { kind: "refused", reason: "it is a folder (expected a file)" };
  if (stat.isSocket()) return { kind: "refused", reason: "it is a socket (expected a file)" };
  const isFile = stat.isFile();
  const isFolderOpen = isFile && mayAccess(dirname(path), "write");
  if (!mayAccess(path, "write") && !isFolderOpen) {
    return { kind: "refused", reason: "it may not be written (expected permission)" };
  }
  if (!isFile) return { kind: stat.isFIFO() ? "pipe" : "device", path };
  return { kind: "file", path, existing: stat, isCopied: stat.nlink > 1 || !isFolderOpen };
}

function reasonOf(code: string): string {
  switch (code) {
    case "ENOENT":
      return "its folder: there is no such folder (expected a folder that exists)";
    case "ENOTDIR":
      return "its folder: a part of its path is no folder (expected a folder that exists)";
    case "ENAMETOOLONG":
      return "its name is too long for the system (expected a shorter one)";
    case "EACCES":
      return "its folder: a part of its path may not be entered (expected permission)";
    default:
      return `the system says ${code}`;
  }
}
