/**
 * The members of a set of files.
 */
import { Buffer } from "node:buffer";
import { statSync } from "node:fs";
import { posix, resolve } from "node:path";
import process from "node:process";
import type * as Tinyglobby from "tinyglobby";
import type { RawMember, RawSet } from "./member.ts";

/** The fields of a file. */
const FIELDS = ["path", "name", "stem", "dir", "ext"] as const;

/**
 * The files that match any of the patterns and none of those with a `!`, sorted by the bytes of their paths, which
 * start at the folder. As in a shell `*` leaves out what begins with a dot. A pattern that is the name of a file is
 * that file, whatever characters it has. Throws the system's error.
 */
export function listFiles(patterns: readonly string[], folder: string): RawSet {
  // Loaded only where a flow has such sets: it asks for a variable at once, which on Deno needs a permission.
  const { createRequire } = process.getBuiltinModule("node:module");
  const { escapePath, globSync }: typeof Tinyglobby = createRequire(import.meta.url)("tinyglobby");
  const found = globSync(patterns.map((pattern) => isFile(pattern, folder) ? escapePath(pattern) : pattern), {
    cwd: folder,
    expandDirectories: false,
  });
  const members = sortByBytes([...new Set(found)]).map(toMember);
  return { members, fields: FIELDS };
}

/** Names that are no UTF-8 cannot be given to anybody: they come out of the system as others. */
export function findUnreadable(members: readonly RawMember[], folder: string): string | undefined {
  return members.map(({ fields }) => fields.get("path") ?? "")
    .find((path) => path.includes("\ufffd") && !isFile(path, folder));
}

function isFile(path: string, folder: string): boolean {
  return statSync(resolve(folder, path), { throwIfNoEntry: false })?.isFile() === true;
}

function sortByBytes(paths: readonly string[]): readonly string[] {
  return paths.map((path) => ({ path, bytes: Buffer.from(path) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ path }) => path);
}

/** `logs/a.tar.gz`: name `a.tar.gz`, stem `a`, ext `tar.gz`, dir `logs`. A dot at the beginning begins no ext. */
function toMember(path: string): RawMember {
  const name = posix.basename(path);
  const dot = name.indexOf(".", 1);
  const stem = dot === -1 ? name : name.slice(0, dot);
  const ext = dot === -1 ? "" : name.slice(dot + 1);
  const fields = new Map(Object.entries({ path, name, stem, dir: posix.dirname(path), ext }));
  return { fields, where: `file "${path}"` };
}
