/**
 * The licences of what became a part of the npm package, each once with the packages that are under it.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes them; `files` are all that became a part. Throws for a package that has none. */
export function writeLicences(files: readonly string[], to: string): void {
  const folders = new Set(files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const [file] = globSync("{LICENSE,LICENCE,License,license}*", { cwd: folder });
    if (file === undefined && license === undefined) {
      throw new Error(`Cannot build: "${name}" has no licence`);
    }
    const text = file === undefined ? `${license}\n` : readFileSync(join(folder, file), "utf8");
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  writeFileSync(to, `The program contains these packages.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`);
}
