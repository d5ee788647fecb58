/**
 * The npm package's JavaScript: `node build/bundle.ts FOLDER`, when the compiler has written there (`npm run build`). What every run loads is one file, because Node takes a millisecond for
 * each; what only some runs need are files of their own, loaded as they are from source. They all lie in one folder of the
 * same depth as the sources', so that threads and actors are found as from there.
 */
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import process from "node:process";
import { rolldown } from "rolldown";
import { listLoaded, PROGRAM } from "../test/house/static_closure.ts";
import { ROOT } from "../test/house/source_files.ts";
import { THREADS } from "./threads.ts";

/** What `flow()` loads by its name, because it cannot wait. */
const BY_NAME = { "lib/run/use_reader": "lib/flow/use/use_reader.ts" };

/** Packages that become a part of it: without them, what is left of the dependencies is loaded only when it is needed. */
const BUNDLED = /\/node_modules\/(valibot|jsonc-parser)\//;

const folder = resolve(process.argv[2] ?? "dist");
const road = new Set(listLoaded(PROGRAM).files.filter((path) => path !== "mod.ts"));
const ofThreads = new Set(listLoaded(Object.values(THREADS)).files);
const manifest: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(join(ROOT, "package.json"), "utf8"),
);
const external = Object.keys(manifest.dependencies).filter((name) => !BUNDLED.test(`/node_modules/${name}/`));

// The compiler has written a file for each source; only the types of them are kept.
for (const path of globSync(["mod.js", "lib/**/*.js"], { cwd: folder })) rmSync(join(folder, path));
const bundle = await rolldown({
  cwd: ROOT,
  platform: "node",
  input: { mod: "mod.ts", ...THREADS, ...BY_NAME },
  external: [...external, /^node:/],
  resolve: { mainFields: ["module", "main"] },
  plugins: [{ name: "builtins", renderChunk: (code) => ({ code: takeBuiltins(code), map: null }) }],
});
await bundle.write({
  dir: folder,
  format: "esm",
  chunkFileNames: "lib/run/[name].js",
  codeSplitting: {
    groups: [
      // A thread has no use for the rest of the road.
      { name: "shared", test: (id) => isIn(road, id) && isIn(ofThreads, id), priority: 2 },
      { name: "road", test: (id) => isIn(road, id) || /\/node_modules\/valibot\//.test(id), priority: 1 },
    ],
  },
});
await bundle.close();

/**
 * What Node brings, taken without `import`: that one asks for all that a module has, and so loads streams, terminals and
 * 40 modules more, and makes the program's own pipes non-blocking. The bundler writes one line for each module.
 */
function takeBuiltins(code: string): string {
  return code.replace(
    /^import (?:(\w+),? )?(?:\{([^}]*)\} )?(?:\* as (\w+) )?from "(node:[\w/]+)";$/gm,
    (_, ...groups: (string | undefined)[]) => {
      const [byDefault, names, all, module] = groups;
      const from = module === "node:process"
        ? "globalThis.process"
        : `globalThis.process.getBuiltinModule("${module}")`;
      const made = [byDefault, all, names && `{${names.replaceAll(" as ", ": ")}}`].filter((to) =>
        to !== undefined
      );
      return made.map((to) => `const ${to} = ${from};`).join(" ");
    },
  );
}

function isIn(files: ReadonlySet<string>, id: string): boolean {
  return files.has(relative(ROOT, id));
}

// The first line of the sources' entry is lost on the way.
const entry = join(folder, "mod.js");
const text = readFileSync(entry, "utf8");
if (!text.startsWith("#!")) writeFileSync(entry, `#!/usr/bin/env node\n${text}`);
