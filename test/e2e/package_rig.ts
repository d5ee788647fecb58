/**
 * The npm package, made as `npm pack` makes it and installed in an empty folder with no checkout beside it, and the
 * commands that docs/install.md gives.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "./rig.ts";

const bin = join(root, "node_modules", ".bin");
const manifest: { readonly version: string; readonly files: readonly string[] } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);

/** What npm itself was told for this checkout is nothing for another folder. */
export const npmEnv: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      /^npm_/i.test(name) || value === undefined ? [] : [[name, value]]
    ),
  ),
  PATH: `${bin}:${process.env["PATH"]}`,
};

/** Builds into a folder what the package is made of; `dist` there is as `npm run build` makes it. */
export function stagePackage(folder: string): void {
  execFileSync(join(bin, "node"), ["build/bundle.ts", join(folder, "dist")], { cwd: root, stdio: "pipe" });
  for (const part of ["package.json", "README.md", "LICENSE", ...manifest.files]) {
    if (!part.startsWith("dist/")) cpSync(join(root, part), join(folder, part), { recursive: true });
  }
}

/** Packs it, and gives the tarball's path. */
export function packPackage(stage: string, to: string): string {
  mkdirSync(to, { recursive: true });
  const args = ["pack", "--ignore-scripts", "--silent", "--pack-destination", to];
  execFileSync("npm", args, { cwd: stage, env: npmEnv, stdio: "pipe" });
  return join(to, `sluice-${manifest.version}.tgz`);
}

/** The commands of a section of docs/install.md, a block of `sh` each. */
export function commandsOf(heading: string): readonly string[] {
  const page = readFileSync(join(root, "docs/install.md"), "utf8");
  const section = page.split(/^(?=#+ )/m).find((part) => part.startsWith(`## ${heading}\n`)) ?? "";
  return [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, text = ""]) => text);
}
