/**
 * The files that an actor says it reads (`reads`): paths and patterns. `*` and `?` stand for characters of a name, `[ab]`
 * for one of them, `**` for any folders; a folder stands for everything in it.
 */
import { lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { CACHE_READS_MAX } from "../../core/limits/store.ts";
import { isNotThere } from "../../host/files/stat_if_there.ts";

/** The paths of the regular files that a pattern stands for, sorted. A plain path is itself, also when nothing is there. */
export function listDeclared(pattern: string): readonly string[] {
  const parts = pattern.split("/").filter((part) => part !== "");
  const found = new Set<string>();
  walk("/", { parts, found });
  return [...found].sort();
}

function walk(
  folder: string,
  { parts, found }: { readonly parts: readonly string[]; readonly found: Set<string> },
): void {
  if (found.size > CACHE_READS_MAX) {
    throw Object.assign(new Error(`more than ${CACHE_READS_MAX} files`), { code: "E2BIG" });
  }
  const [part, ...rest] = parts;
  if (part === undefined) {
    for (const name of namesIn(folder)) addAll(join(folder, name), found);
    return;
  }
  const isLast = rest.length === 0;
  if (part === "**") {
    walk(folder, { parts: isLast ? [] : rest, found });
    for (const name of isLast ? [] : namesIn(folder)) {
      if (isRealFolder(join(folder, name))) walk(join(folder, name), { parts, found });
    }
    return;
  }
  const matches = isPattern(part) ? namesIn(folder).filter((name) => toRegExp(part).test(name)) : [part];
  for (const name of matches) {
    const path = join(folder, name);
    if (!isLast) walk(path, { parts: rest, found });
    else if (isPattern(part)) addAll(path, found);
    else addAll(path, found, { isNamed: true });
  }
}

/** A link to a folder is followed only where it is named: it may lead in a circle. */
function addAll(path: string, found: Set<string>, { isNamed = false } = {}): void {
  const isFolder = isNamed ? isThere(path, "folder") : isRealFolder(path);
  if (isFolder) walk(path, { parts: [], found });
  else if (isNamed || isThere(path, "other")) found.add(path);
}

/** Nothing where nothing is, or may be looked at: then its actor cannot read it either. */
function namesIn(folder: string): readonly string[] {
  return lookIfThere(() => readdirSync(folder)) ?? [];
}

function isRealFolder(path: string): boolean {
  return lookIfThere(() => lstatSync(path).isDirectory()) ?? false;
}

function isThere(path: string, what: "folder" | "other"): boolean {
  return lookIfThere(() => statSync(path).isDirectory() === (what === "folder")) ?? false;
}

/** What the system does not know is no answer: a key without a file would be that of other contents. */
function lookIfThere<Seen>(look: () => Seen): Seen | undefined {
  try {
    return look();
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

function isPattern(part: string): boolean {
  return /[*?[]/.test(part);
}

/** As in a shell: what begins with a dot has to be named with it. */
function toRegExp(part: string): RegExp {
  const source = part.replace(
    /\[(!?)([^\]]+)\]|[*?]|[.+^${}()|\\[\]/]/g,
    (text, not?: string, set?: string) => {
      if (text === "*") return "[^/]*";
      if (text === "?") return "[^/]";
      if (set === undefined) return `\\${text}`;
      return `[${not === "!" ? "^" : ""}${set.replace(/[\\\]^]/g, "\\$&")}]`;
    },
  );
  return new RegExp(`^${part.startsWith(".") ? "" : "(?!\\.)"}${source}$`, "u");
}
