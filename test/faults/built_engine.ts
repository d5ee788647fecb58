/**
 * The engine as few files of JavaScript: it starts in a third of the time that its sources take, which is most of what a
 * fault costs.
 */
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { rolldown } from "rolldown";
import { THREADS } from "../../build/threads.ts";

const root = resolve(import.meta.dirname, "../..");
let built: Promise<string> | undefined;

/** The file that the runtimes start; made once, and removed with this process. */
export function buildEngine(): Promise<string> {
  return built ??= build();
}

async function build(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "engine-of-faults-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  // What is no part of it is found as from the sources.
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  copyFileSync(join(root, "package.json"), join(folder, "package.json"));
  const bundle = await rolldown({
    cwd: root,
    platform: "node",
    input: { "test/faults/engine": "test/faults/engine.ts", ...THREADS },
    external: ["koffi", "@hpcc-js/wasm-graphviz", /^node:/],
    resolve: { mainFields: ["module", "main"] },
  });
  await bundle.write({ dir: folder, format: "esm", chunkFileNames: "lib/run/[name].js" });
  await bundle.close();
  return join(folder, "test", "faults", "engine.js");
}
