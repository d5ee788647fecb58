/**
 * What a file of `out` is in the file system, links followed to their ends, and so how it can be written.
 */
import { lstatSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import type { FlowOutput } from "../../core/flow.ts";
import type { FlowIssue } from "../../core/issue.ts";
import type { Plan } from "../../core/plan.ts";
import { unreachable } from "../../core/unreachable.ts";
import { isGiven } from "../../host/descriptors/standard_streams.ts";
import { hasCode, LINKS_RING } from "../../host/errno.ts";
import { mayAccess } from "../../host/files/may_access.ts";
import { NOT_GIVEN } from "./check_standard.ts";

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

/** What was seen of folders while many files are looked up one after the other, each once; also why one cannot be seen. */
export class FolderLooks {
  readonly #seen = new Map<string, { readonly found: unknown } | { readonly error: unknown }>();

  /** Where its links lead. Throws the system's error. */
  realPath(folder: string): string {
    return this.#once(`real ${folder}`, () => realpathSync(folder));
  }

  isThere(folder: string): boolean {
    return this.#once(`there ${folder}`, () => isThere(folder));
  }

  /** Throws the system's error. */
  isFolder(folder: string): boolean {
    return this.#once(`folder ${folder}`, () => statSync(folder).isDirectory());
  }

  mayBeWritten(folder: string): boolean {
    return this.#once(`write ${folder}`, () => mayAccess(folder, "write"));
  }

  #once<Found>(key: string, look: () => Found): Found {
    const seen = this.#seen.get(key) ?? attempt(look);
    this.#seen.set(key, seen);
    if ("error" in seen) throw seen.error;
    return seen.found as Found; // By the key, it is what this look has found.
  }
}

function attempt<Found>(look: () => Found): { readonly found: Found } | { readonly error: unknown } {
  try {
    return { found: look() };
  } catch (error) {
    return { error };
  }
}

/**
 * Looks a target up. What cannot be found out is `refused` with the reason. `makesFolders`: those that are not there are
 * made before it is written. `folders`: what is known of folders already.
 */
export function findOutputPlace(
  target: string,
  { makesFolders = false, folders = new FolderLooks() }: {
    readonly makesFolders?: boolean;
    readonly folders?: FolderLooks;
  } = {},
): OutputPlace {
  let path = target;
  try {
    const above = makesFolders ? firstAbove(target, folders) : undefined;
    if (above !== undefined) return fileBelow(above, { target, folders });
    for (let links = 0; links <= LINKS_MAX; links++) {
      // Its name may be a link's, or that of a descriptor, which is asked before it is followed.
      path = join(folders.realPath(dirname(path)), basename(path));
      const fd = ownDescriptor(path);
      if (fd !== undefined) return { kind: "descriptor", fd };
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat === undefined) return newFile(path, folders);
      if (!stat.isSymbolicLink()) return placeOf(path, { stat, folders });
      path = resolve(dirname(path), readlinkSync(path));
    }
    return { kind: "refused", reason: LINKS_RING };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { kind: "refused", reason: reasonOf(code) };
  }
}

/** Issues of the files that a plan writes: they may be written, each by one output, and the flow was not read from them. */
export function checkOutputs(plan: Plan): readonly FlowIssue[] {
  const places = new Map<string, string>();
  let sources: ReadonlyMap<string, string> | undefined;
  const known: KnownFiles = {
    places,
    folders: new FolderLooks(),
    saidOf: (stat) => (sources ??= listSources(plan)).get(identify(stat)),
  };
  return [...plan.outputs, ...plan.splits.flatMap(({ files }) => files)].flatMap((output) => {
    const reason = output.target === "-" ? undefined : outputProblem(output, known);
    if (reason === undefined) return [];
    const path = output.key === undefined ? ["out"] : ["out", output.key];
    return [{ path, message: `Cannot write "${output.target}": ${reason}`, at: "key" as const }];
  });
}

interface KnownFiles {
  /** What has been found to be written, to the target by which it was. */
  readonly places: Map<string, string>;
  readonly folders: FolderLooks;
  /** What is said of a file that the flow was read from; undefined for others. */
  readonly saidOf: (stat: Stats) => string | undefined;
}

function outputProblem(
  { target, of, keyed }: FlowOutput,
  { places, folders, saidOf }: KnownFiles,
): string | undefined {
  const place = findOutputPlace(target, { makesFolders: of !== undefined || keyed !== undefined, folders });
  if (place.kind === "refused") return place.reason;
  if (place.kind === "descriptor") return isGiven(place.fd, "write") ? undefined : `${NOT_GIVEN})`;
  if (place.kind === "device") return undefined;
  const existing = place.kind === "file" ? place.existing : undefined;
  const said = existing === undefined ? undefined : saidOf(existing);
  if (said !== undefined) {
    return `${said} (expected another file)`;
  }
  const name = nameOf(place);
  const other = places.get(name);
  places.set(name, target);
  return other === undefined
    ? undefined
    : `it is the same file as "${other}" (expected one entry for each file)`;
}

/**
 * The files that a flow was read from, whatever their names are, each to what is said of it. What its actors read is no
 * such file: it is read first, and written whole when the run has succeeded.
 */
function listSources({ flow }: Plan): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const path of flow.origins.files) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) continue;
    sources.set(identify(stat), path === flow.file ? "it is this flow" : "this flow was read from it");
  }
  return sources;
}

/** By what the system knows a regular file, or a named pipe, that is to be written; undefined for what is none of them. */
export function nameOutputFile(path: string): string | undefined {
  const place = findOutputPlace(path);
  return place.kind === "file" || place.kind === "pipe" ? nameOf(place) : undefined;
}

/** A file may have several names: what one writes there the other one would replace. */
function nameOf(place: Extract<OutputPlace, { readonly kind: "file" | "pipe" | "device" }>): string {
  return place.kind === "file" && place.existing !== undefined ? identify(place.existing) : place.path;
}

function identify({ dev, ino }: Stats): string {
  return `${dev} ${ino}`;
}

/** The first folder above a file that is there, when its own is not. */
function firstAbove(target: string, folders: FolderLooks): string | undefined {
  let folder = dirname(target);
  while (!folders.isThere(folder) && folder !== dirname(folder)) folder = dirname(folder);
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

function fileBelow(
  folder: string,
  { target, folders }: { readonly target: string; readonly folders: FolderLooks },
): OutputPlace {
  if (!folders.isThere(folder) || !folders.isFolder(folder)) {
    return { kind: "refused", reason: reasonOf("ENOTDIR") };
  }
  return folders.mayBeWritten(folder)
    ? { kind: "file", path: target, existing: undefined, isCopied: false }
    : { kind: "refused", reason: `folder "${folder}" may not be written (expected permission)` };
}

/** How a target is written, for people, where that is not by a file that appears whole. */
export function howIsWritten(target: string, folders?: FolderLooks): string | undefined {
  if (target === "-") return undefined;
  const place = findOutputPlace(target, folders === undefined ? {} : { folders });
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

function newFile(path: string, folders: FolderLooks): OutputPlace {
  const folder = dirname(path);
  if (!folders.isFolder(folder)) return { kind: "refused", reason: reasonOf("ENOTDIR") };
  return folders.mayBeWritten(folder)
    ? { kind: "file", path, existing: undefined, isCopied: false }
    : { kind: "refused", reason: "its folder may not be written (expected permission)" };
}

function placeOf(
  path: string,
  { stat, folders }: { readonly stat: Stats; readonly folders: FolderLooks },
): OutputPlace {
  if (stat.isDirectory()) return { kind: "refused", reason: "it is a folder (expected a file)" };
  if (stat.isSocket()) return { kind: "refused", reason: "it is a socket (expected a file)" };
  const isFile = stat.isFile();
  const isFolderOpen = isFile && folders.mayBeWritten(dirname(path));
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
