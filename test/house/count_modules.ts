/**
 * How many of the engine's files a program loads: all in all, and before it starts its first thread. It runs on Node,
 * which tells of each module.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "./source_files.ts";

const MAIN = new URL("../../mod.ts", import.meta.url).href;

export interface LoadedModules {
  readonly files: number;
  /** Of them, those that were there when the first thread was started. */
  readonly atThread: number;
}

/** Counts what Node loads for `mod.ts`, as a program that is run with these words, or imported. */
export function countModules(use: { readonly run: readonly string[] } | "import"): LoadedModules {
  const folder = mkdtempSync(join(tmpdir(), "house-"));
  const counts = join(folder, "counts.json");
  const program = use === "import"
    ? ["--input-type=module", "--eval", `await import(${JSON.stringify(MAIN)})`]
    : ["mod.ts", ...use.run];
  try {
    const counter = `--import=data:text/javascript,${encodeURIComponent(counterFor(counts))}`;
    execFileSync(process.execPath, [counter, ...program], {
      cwd: ROOT,
      stdio: ["ignore", "ignore", "inherit"],
    });
    return JSON.parse(readFileSync(counts, "utf8")) as LoadedModules; // Written by the counter.
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Loaded before the program: counts the files of the engine, and writes what it has found when the program ends. */
function counterFor(path: string): string {
  return `
    import { writeFileSync } from "node:fs";
    import { registerHooks } from "node:module";
    import process from "node:process";
    let files = 0;
    let atThread;
    registerHooks({
      load(url, context, next) {
        if (url === ${JSON.stringify(MAIN)} || url.startsWith(${
    JSON.stringify(new URL("lib/", MAIN).href)
  })) files += 1;
        return next(url, context);
      },
    });
    process.once("worker", () => atThread = files);
    process.once("exit", () =>
      writeFileSync(${JSON.stringify(path)}, JSON.stringify({ files, atThread: atThread ?? files })));
  `;
}
