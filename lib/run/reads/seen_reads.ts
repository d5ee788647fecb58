/**
 * What an actor depends on besides its command and its inputs, found in what its processes did with files.
 *
 * A file that it has made itself is no input, whatever it reads there later. What it has changed otherwise counts as it
 * has left it: it would be run again only when somebody else has changed it since.
 */
import { basename, dirname, normalize } from "node:path";
import type { FileAccess } from "../../process/trace/file_access.ts";
import type { StateKind } from "./file_states.ts";

/** One thing that it has learned about a path. */
export interface SeenRead {
  readonly path: string;
  readonly kind: StateKind;
  /** What it saw; undefined when it saw both, or was refused. */
  isThere: boolean | undefined;
  /** It has changed it itself. */
  isOwn: boolean;
  /** It ran it as a program. */
  isRun: boolean;
  /** Of a folder: the names that it saw, and those that it has made or removed itself. */
  readonly names: Set<string>;
  without: readonly string[];
}

export interface Seen {
  readonly reads: readonly SeenRead[];
  /** It looked through its whole environment. */
  readonly hasReadEnvironment: boolean;
  /** Why it cannot be said what it reads. */
  readonly unseen: string | undefined;
}

/** Not files, but what the machine is at this moment. */
const MACHINE = ["/proc/", "/sys/", "/dev/"];
/** These are files in spite of where they are. */
const FILES = "/dev/shm/";
/** What stands for bytes that are no UTF-8. */
const NO_UTF8 = "\uFFFD";

/** `skipped` are folders of the engine: what is there is known in another way. */
export function collectReads(accesses: readonly FileAccess[], skipped: readonly string[]): Seen {
  const reads = new Map<string, SeenRead>();
  const changed = new Set<string>();
  const products = new Set<string>();
  const isSkipped = (path: string): boolean => {
    const at = `${normalize(path)}/`;
    return (MACHINE.some((folder) => at.startsWith(folder)) && !at.startsWith(FILES)) ||
      skipped.some((folder) => at.startsWith(`${folder}/`));
  };
  let hasReadEnvironment = false;
  let unseen: string | undefined;
  const note = (path: string, kind: StateKind, isThere: boolean | undefined): SeenRead => {
    const key = `${kind} ${path}`;
    const known = reads.get(key);
    const read = known ??
      { path, kind, isThere, isOwn: false, isRun: false, names: new Set<string>(), without: [] };
    if (known !== undefined && known.isThere !== isThere) known.isThere = undefined;
    reads.set(key, read);
    return read;
  };
  for (const access of accesses) {
    if (access.kind === "environment") hasReadEnvironment = true;
    else if (access.kind === "unseen") unseen ??= access.reason;
    if (!("path" in access)) continue;
    const real = "real" in access && access.real !== undefined ? access.real : normalize(access.path);
    const { path } = access;
    if (isSkipped(path) || isSkipped(real)) continue;
    if (path.includes(NO_UTF8)) {
      unseen ??= `it uses a file whose name is no UTF-8: ${JSON.stringify(path)}`;
      continue;
    }
    const places = [real, normalize(path)];
    const isProduct = places.some((place) => products.has(place));
    switch (access.kind) {
      case "read":
        if (isProduct) break;
        note(path, "content", true).isRun ||= access.isRun === true;
        break;
      case "look":
        if (!isProduct) note(path, access.isOfLink ? "link" : "look", access.isThere);
        break;
      case "list":
        if (isProduct) break;
        for (const name of access.names) note(path, "names", true).names.add(name);
        if (access.names.length === 0) note(path, "names", true);
        break;
      case "write":
        for (const place of places) changed.add(place);
        if (access.isWhole) { for (const place of places) products.add(place); }
        break;
      case "remove":
        for (const place of places) changed.add(place);
    }
  }
  return { reads: settle([...reads.values()], changed), hasReadEnvironment, unseen };
}

function settle(reads: readonly SeenRead[], changed: ReadonlySet<string>): readonly SeenRead[] {
  const content = new Set(reads.filter(({ kind }) => kind === "content").map(({ path }) => path));
  const namesIn = new Map<string, string[]>();
  for (const path of changed) {
    namesIn.set(dirname(path), [...namesIn.get(dirname(path)) ?? [], basename(path)]);
  }
  for (const read of reads) {
    read.isOwn = changed.has(normalize(read.path));
    if (read.kind === "names") read.without = namesIn.get(normalize(read.path)) ?? [];
  }
  // Whose bytes count, its times do not.
  return reads.filter(({ kind, path }) => kind !== "look" || !content.has(path));
}
