/**
 * The program as a single file that needs no runtime: `node build/executable.ts bun|deno FILE [DIST]`, made of what
 * `npm run build` has made. The runtime that compiles it becomes a part of it. Everything is in it: threads, the page,
 * and what other programs read (`lib/host/own_files.ts`).
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import process from "node:process";
import type { Embedded } from "../lib/host/own_files.ts";
import { ROOT } from "../test/house/source_files.ts";
import { THREADS } from "./threads.ts";

const HANDLER_WORD = "sluice-handler";
/** What is loaded by its name, beside the program; the threads, too. */
const LOADED = ["use_reader.js", "tinyglobby.js", "csv-parse_sync.js"];

const [compiler = "", out = "", dist = "dist"] = process.argv.slice(2);
if (!["bun", "deno"].includes(compiler) || out === "") {
  console.error("Cannot compile: expected node build/executable.ts bun|deno FILE [DIST]");
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "sluice-executable-"));
try {
  // All in one folder, so that each finds the others beside it, wherever a compiler puts that.
  cpSync(join(resolve(dist), "lib/run"), folder, { recursive: true });
  copyFileSync(join(resolve(dist), "actors/typescript/sluice_handler.js"), join(folder, "sluice_handler.js"));
  writeFileSync(join(folder, "embedded.js"), `globalThis.sluiceEmbedded = ${JSON.stringify(readOwn())};\n`);
  writeFileSync(join(folder, "main.js"), mainText(compiler === "bun"));
  const beside = [...Object.keys(THREADS).map((name) => `${basename(name)}.js`), ...LOADED];
  const [file = "", ...args] = compiler === "bun" ? withBun(beside) : withDeno(folder);
  execFileSync(file, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Flows, their scripts, and what is in Python. */
function readOwn(): Embedded {
  const paths = globSync(["flows/*", "actors/**/*.py"], { cwd: ROOT }).sort();
  const files = Object.fromEntries(paths.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
  const hash = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16);
  return { hash, files, handlerWord: HANDLER_WORD };
}

function mainText(isBun: boolean): string {
  return `import "./embedded.js";
${isBun ? 'import "./page.html" with { type: "file" };' : ""}
if (process.argv[2] === ${JSON.stringify(HANDLER_WORD)}) await import("./sluice_handler.js");
else await (await import("./program.js")).runProgram(process.argv.slice(2));
`;
}

function withBun(beside: readonly string[]): readonly string[] {
  // A program that starts others leaves alone what lies in the folder where it is called.
  const flags = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
  const named = ["--asset-naming", "[name].[ext]", "--outfile", resolve(out)];
  return [
    join(ROOT, "node_modules/.bin/bun"),
    "build",
    "--compile",
    ...flags,
    ...named,
    "main.js",
    ...beside,
  ];
}

function withDeno(included: string): readonly string[] {
  const flags = ["-A", "--no-check", "--quiet", "--include", included, "--output", resolve(out)];
  return [join(ROOT, "node_modules/.bin/deno"), "compile", ...flags, "main.js"];
}
