/**
 * The npm package's JavaScript: `node build/bundle.ts FOLDER`, when the compiler has written there (`npm run build`). What every run loads is one file, because Node takes a millisecond for
 * each; what only some runs need are files of their own, loaded as they are from source. They all lie in one folder of the
 * same depth as the sources', so that threads and actors are found as from there.
 */
import { copyFileSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import process from "node:process";
import { type OutputChunk, rolldown } from "rolldown";
import type { Built } from "../lib/host/keep_compiled.ts";
import { listLoaded, PROGRAM } from "../test/house/static_closure.ts";
import { ROOT } from "../test/house/source_files.ts";
import { THREADS } from "./threads.ts";

/** What `flow()` loads by its name, because it cannot wait. */
const BY_NAME = { "lib/run/use_reader": "lib/flow/use/use_reader.ts" };

/** Packages that become a part of it: without them, what is left of the dependencies is loaded only when it is needed. */
const BUNDLED = /\/node_modules\/(valibot|jsonc-parser)\//;

/** By it the sources' entry finds what was built, and the entry of what was built the program. */
const PROGRAM_ENTRY = { "lib/run/program": "lib/cli/main.ts" };

const begun = Date.now();
const folder = resolve(process.argv[2] ?? "dist");
const road = new Set(listLoaded(PROGRAM).files.filter((path) => path !== "mod.ts"));
/** What is there before the program is loaded, so that what is compiled of that can be kept. */
const ofEntry = new Set(listLoaded(["mod.ts"]).files);
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
  input: { mod: "mod.ts", ...PROGRAM_ENTRY, ...THREADS, ...BY_NAME },
  external: [...external, /^node:/],
  resolve: { mainFields: ["module", "main"] },
  plugins: [{
    name: "program",
    transform: (code, id) => loadsEarlier(code, relative(ROOT, id)),
    renderChunk: (code) => ({ code: takeBuiltins(code), map: null }),
  }],
});
const { output } = await bundle.write({
  dir: folder,
  format: "esm",
  minify: true, // A twentieth of the start on Deno.
  chunkFileNames: "lib/run/[name].js",
  codeSplitting: {
    groups: [
      { name: "first", test: (id) => isIn(ofEntry, id) && !id.endsWith("/mod.ts"), priority: 3 },
      // A thread has no use for the rest of the road.
      { name: "shared", test: (id) => isIn(road, id) && isIn(ofThreads, id), priority: 2 },
      { name: "road", test: (id) => isIn(road, id) || /\/node_modules\/valibot\//.test(id), priority: 1 },
    ],
  },
});
await bundle.close();
writeFileSync(join(folder, "sources.json"), JSON.stringify({ sources: listSources(output) } satisfies Built));

/** Every file that became a part of it. */
function listSources(chunks: readonly { readonly type: string }[]): Built["sources"] {
  const ids = chunks.filter((chunk): chunk is OutputChunk => chunk.type === "chunk")
    .flatMap(({ moduleIds }) => moduleIds).filter((id) => id.startsWith("/"));
  return Object.fromEntries(
    [...new Set(ids)].sort().map((id) => {
      const { mtimeMs, size } = statSync(id);
      if (mtimeMs >= begun) throw new Error(`Cannot build: "${id}" has changed meanwhile`);
      return [relative(ROOT, id), [Math.floor(mtimeMs), size]];
    }),
  );
}

/**
 * What is loaded by a call in every run is in the same file as the call, so it is there already: a file that only hands
 * it on costs a millisecond on Node. What the entry loads is told to the bundler by its name.
 */
function loadsEarlier(code: string, path: string): string | undefined {
  if (!road.has(path)) return undefined;
  const early: string[] = [];
  const text = code.replace(/\bimport\(("[.][^"]+")\)/g, (call, name: string) => {
    if (!road.has(join(dirname(path), JSON.parse(name)))) return call;
    early.push(`import * as early${early.length} from ${name};`);
    return `early${early.length - 1}`;
  });
  return early.length === 0 ? undefined : `${early.join(" ")} ${text}`;
}

// What reads the page looks for it beside itself, and lies in that folder now.
copyFileSync(join(ROOT, "lib/report/web/page.html"), join(folder, "lib/run/page.html"));

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
