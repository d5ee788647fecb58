/**
 * What was made of the sources once is used again.
 *
 * - Node takes the types out of each file anew in every run, which takes it longer than all the rest together; what it
 *   has compiled it can keep in a folder. Whoever names one (`NODE_COMPILE_CACHE`), or wants none
 *   (`NODE_DISABLE_COMPILE_CACHE=1`), has said so to Node itself.
 * - What `npm run build` has made is a few files in place of two hundred: two thirds of the start on Deno and Bun.
 */
import { hasCode } from "./errno.ts";
import { deno, runtimeName } from "./runtime.ts";

const { process } = globalThis;
/** For a program alone: an import would load all that these have. */
const fs = () => process.getBuiltinModule("node:fs");
const path = () => process.getBuiltinModule("node:path");

/**
 * From now on: in `sluice/compiled` of the user's folder for caches. For a program alone, as this is said of the whole
 * process. Where nothing can be kept it is compiled again, without a word.
 */
export function keepCompiled(): void {
  if (runtimeName !== "node") return;
  try {
    const sluice = path().join(cachesOfUser(), "sluice");
    const folder = path().join(sluice, "compiled");
    // Node itself tries for ever to make one where nothing can be made, as below /proc.
    for (const each of [path().dirname(sluice), sluice, folder]) makeFolder(each);
    process.getBuiltinModule("node:module").enableCompileCache(folder);
  } catch {
    // A user may have no home, and may not write everywhere.
  }
}

/** Writes what was compiled until now, for whoever ends the program without Node. */
export function writeCompiled(): void {
  if (runtimeName === "node") process.getBuiltinModule("node:module").flushCompileCache();
}

/** `XDG_CACHE_HOME`, or `~/.cache`. Throws where a user has no home. */
export function cachesOfUser(): string {
  const { XDG_CACHE_HOME = "" } = process.env;
  if (path().isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  return path().join(process.getBuiltinModule("node:os").homedir(), ".cache");
}

function makeFolder(folder: string): void {
  try {
    fs().mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

/** What `npm run build` writes beside the program: every source that it was made of. */
export interface Built {
  /** From the root: when it was written, in ms, and its length. */
  readonly sources: Readonly<Record<string, readonly [ms: number, bytes: number]>>;
}

/**
 * The program as it was built, for `import`; undefined where it was not, or where a source is another one since, and in
 * what was built.
 */
export function findBuilt(root: string | undefined): string | undefined {
  // Deno would ask for the permission, before anybody has said what for.
  const isRefused = deno !== undefined && deno.permissions.querySync({ name: "read" }).state !== "granted";
  if (root === undefined || isRefused || !import.meta.url.endsWith(".ts")) return undefined;
  try {
    const { sources }: Built = JSON.parse(fs().readFileSync(`${root}/dist/sources.json`, "utf8"));
    const isSame = Object.entries(sources).every(([source, [ms, bytes]]) => {
      const now = statOf(`${root}/${source}`);
      return now.ms === ms && now.bytes === bytes;
    });
    return isSame ? "./dist/lib/run/program.js" : undefined;
  } catch {
    return undefined; // It was never built, or a source is gone.
  }
}

/** Deno takes five times as long by what it has of Node. */
function statOf(source: string): { readonly ms: number; readonly bytes: number } {
  if (deno !== undefined) {
    const { mtime, size } = deno.statSync(source);
    return { ms: mtime?.getTime() ?? Number.NaN, bytes: size };
  }
  const { mtimeMs, size } = fs().statSync(source);
  return { ms: Math.floor(mtimeMs), bytes: size };
}
