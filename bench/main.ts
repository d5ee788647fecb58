/**
 * `npm run bench -- [name…] [--scale N]`: runs the benchmarks and prints Markdown tables.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchmarks } from "./benchmarks.ts";
import { root, runBenchmark } from "./harness.ts";

const { values, positionals } = parseArgs({ options: { scale: { type: "string" } }, allowPositionals: true });
const scale = Number(values.scale ?? 1);
const names = positionals.length === 0 ? Object.keys(benchmarks) : positionals;
const unknown = names.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(", ")} (benchmarks: ${Object.keys(benchmarks).join(", ")})`);
  process.exit(2);
}
console.log(
  `Linux ${release()}, ${cpus().length} cores, ${Math.round(totalmem() / 1024 ** 3)} GiB; ${versions()}`,
);
for (const name of names) {
  for (const benchmark of benchmarks[name]?.(scale) ?? []) await runBenchmark(benchmark);
}

function versions(): string {
  const bash = execFileSync("bash", ["--version"], { encoding: "utf8" }).split("\n")[0];
  const packages = ["deno", "bun", "node", "execa", "zx", "dax"].map((name) => {
    const manifest: unknown = JSON.parse(
      readFileSync(join(root, "node_modules", name, "package.json"), "utf8"),
    );
    return `${name} ${
      typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : "?"
    }`;
  });
  return [bash, ...packages].join(", ");
}
