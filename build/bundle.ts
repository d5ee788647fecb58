/**
 * The npm package's JavaScript and types: `node build/bundle.ts FOLDER` (`npm run build`). What every run loads is one
 * file, because Node takes a millisecond for each; what only some runs need are files of their own, loaded as they are
 * from source. They all lie in one folder of the same depth as the sources', so that threads and actors are found as
 * from there. Packages become a part of it, but for what is compiled for each system.
 */
import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import process from "node:process";
import { rolldown } from "rolldown";
import type { Built } from "../lib/host/keep_compiled.ts";
import { listLoaded, PROGRAM } from "../test/house/static_closure.ts";
import { ROOT } from "../test/house/source_files.ts";
import { bundleActors, bundleTypes } from "./bundle_surface.ts";
import { writeLicences } from "./licences.ts";
import { THREADS } from "./threads.ts";

/** What is loaded by its name, because `flow()` cannot wait: a file of the sources, and packages. */
const BY_NAME = {
  "lib/run/use_reader": "lib/flow/use/use_reader.ts",
  "lib/run/tinyglobby": "tinyglobby",
  "lib/run/csv-parse_sync": "csv-parse/sync",
};

/** By it the sources' entry finds what was built, and the entry of what was built the program. */
const PROGRAM_ENTRY = { "lib/run/program": "lib/cli/main.ts", "lib/run/start": "lib/cli/start.ts" };

/** For whoever imports the library; the program says it in its first lines (`sluice.cjs`). */
const REFUSE_OLD =
  "{const{Deno:d,Bun:b,process:{versions:{node:v}}}=globalThis,[m,n]=v.split(`.`).map(Number);" +
  "if(!d&&!b&&(m<22||m===22&&n<13||m===23&&n<4))" +
  "throw Error(`Cannot load Sluice on Node ${v} (expected Node 22.13 or later; Deno and Bun run it, too)`)}\n";

const begun = Date.now();
const folder = resolve(process.argv[2] ?? "dist");
const road = new Set(listLoaded(PROGRAM).files.filter((path) => path !== "mod.ts"));
/** What is there before the program is loaded, so that what is compiled of that can be kept. */
const ofEntry = new Set(listLoaded(["mod.ts"]).files);
const ofThreads = new Set(listLoaded(Object.values(THREADS)).files);

rmSync(folder, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: ROOT,
  platform: "node",
  input: { mod: "mod.ts", ...PROGRAM_ENTRY, ...THREADS, ...BY_NAME },
  external: ["koffi", /^node:/],
  resolve: { mainFields: ["module", "main"] },
  checks: { pluginTimings: false },
  plugins: [{
    name: "program",
    transform: (code, id) => loadsEarlier(code, relative(ROOT, id)),
    renderChunk: (code, { name }) => ({
      code: (name === "first" ? REFUSE_OLD : "") + takePackages(takeBuiltins(code)),
      map: null,
    }),
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
skipFile("start.js", "program.js");
const files = output.filter((chunk) => chunk.type === "chunk").flatMap(({ moduleIds }) => moduleIds);
writeFileSync(join(folder, "sources.json"), JSON.stringify({ sources: listSources(files) } satisfies Built));
writeLicences(files, join(folder, "LICENSES.txt"));
await bundleActors(folder);
await bundleTypes(folder);
// What reads the page looks for it beside itself, and lies in that folder now.
copyFileSync(join(ROOT, "lib/report/web/page.html"), join(folder, "lib/run/page.html"));
copyFileSync(join(ROOT, "build/sluice.cjs"), join(folder, "sluice.cjs"));

/** Every source that became a part of it, and what names the versions of the packages. */
function listSources(ids: readonly string[]): Built["sources"] {
  const own = ids.filter((id) => id.startsWith("/") && !id.includes("/node_modules/"));
  return Object.fromEntries(
    [...new Set([...own, join(ROOT, "package.json")])].sort().map((id) => {
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

/** What a file loads from one that only hands on is loaded from where it is. */
function skipFile(from: string, by: string): void {
  const handsOn = readFileSync(join(folder, "lib/run", by), "utf8");
  const names = [...handsOn.matchAll(/(\w+) as (\w+)/g)].map(([, inner = "", outer = ""]) => ({
    inner,
    outer,
  }));
  const [, file] = /from"\.\/([\w.]+)"/.exec(handsOn) ?? [];
  const path = join(folder, "lib/run", from);
  const code = readFileSync(path, "utf8");
  const short = names.reduce(
    (text, { inner, outer }) => text.replaceAll(`.${outer}(`, `.${inner}(`),
    code.replace(`\`./${by}\``, `\`./${file}\``),
  );
  if (file === undefined || short === code) {
    throw new Error(`Cannot build: "${from}" loads nothing by "${by}"`);
  }
  writeFileSync(path, short);
}

/** What is loaded by its name is beside it. */
function takePackages(code: string): string {
  return code.replace(
    /(createRequire\([\w.]+\)\()[`"]([\w/-]+)[`"]\)/g,
    (call, before: string, name: string) => {
      const file = `lib/run/${name.replace("/", "_")}`;
      return file in BY_NAME ? `${before}"./${name.replace("/", "_")}.js")` : call;
    },
  );
}

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
