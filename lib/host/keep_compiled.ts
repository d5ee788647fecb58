/**
 * Node takes the types out of each file anew in every run, which takes it longer than all the rest together; what it has
 * compiled it can keep in a folder. Whoever names one (`NODE_COMPILE_CACHE`), or wants none
 * (`NODE_DISABLE_COMPILE_CACHE=1`), has said so to Node itself.
 */
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import process from "node:process";
import { hasCode } from "./errno.ts";
import { runtimeName } from "./runtime.ts";

/**
 * From now on, where it runs from its sources: in `sluice/compiled` of the user's folder for caches. For a program
 * alone, as this is said of the whole process. Where nothing can be kept it is compiled again, without a word.
 */
export function keepCompiled(): void {
  if (runtimeName !== "node" || !import.meta.url.endsWith(".ts")) return;
  try {
    const folder = join(cachesOfUser(), "sluice", "compiled");
    // Node itself tries for ever to make one where nothing can be made, as below /proc.
    for (const path of [dirname(dirname(folder)), dirname(folder), folder]) makeFolder(path);
    const { enableCompileCache, flushCompileCache } = process.getBuiltinModule("node:module");
    enableCompileCache(folder);
    flush = flushCompileCache;
  } catch {
    // A user may have no home, and may not write everywhere.
  }
}

let flush: (() => void) | undefined;

/** Writes what was compiled until now, for whoever ends the program without Node. */
export function writeCompiled(): void {
  flush?.();
}

function cachesOfUser(): string {
  const { XDG_CACHE_HOME = "" } = process.env;
  return isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), ".cache");
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}
