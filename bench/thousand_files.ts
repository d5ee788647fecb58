/**
 * A job of a thousand files, as people have them: compressed logs, counted one by one, and one sum. How long does it
 * take, how much has to be written for it, and what happens after a failure in the middle? Against GNU parallel, make
 * and Snakemake, each with two processes at a time, in turn, with the same two scripts.
 *
 *   npm run bench:files
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";

const FILES = 1_000;
const LINES = 2_000;
const root = resolve(import.meta.dirname, "..");
const bin = join(root, "node_modules", ".bin");
const sources = join(import.meta.dirname, "peers", "files");
const scratch = mkdtempSync(join(tmpdir(), "bench-of-sluice-files-"));

interface Tool {
  readonly name: string;
  readonly version: string;
  readonly command: readonly string[];
  /** What the user writes, but for the two scripts that all have. */
  readonly file: string;
}

function versionOf(command: readonly string[]): string | undefined {
  const [program = "", ...args] = command;
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? /\d+(?:\.\d+)*/.exec(stdout)?.[0] : undefined;
}

/** In an environment of its own, made once. */
function installSnakemake(): string | undefined {
  const folder = join(scratch, "venv");
  const steps = [["python3", "-m", "venv", folder], [
    join(folder, "bin", "pip"),
    "install",
    "-q",
    "snakemake",
  ]];
  const isThere = steps.every(([program = "", ...args]) =>
    spawnSync(program, args, { stdio: "ignore" }).status === 0
  );
  return isThere ? join(folder, "bin", "snakemake") : undefined;
}

function listTools(): readonly Tool[] {
  const snakemake = installSnakemake();
  const program = join(root, "mod.ts");
  const tools: readonly (Omit<Tool, "version"> & { readonly asked: readonly string[] })[] = [
    { name: "make", command: ["make", "-s", "-j2"], file: "Makefile", asked: ["make", "--version"] },
    {
      name: "parallel",
      command: ["sh", "parallel.sh"],
      file: "parallel.sh",
      asked: ["parallel", "--version"],
    },
    ...snakemake === undefined ? [] : [{
      name: "snakemake",
      command: [snakemake, "-c2", "-q"],
      file: "Snakefile",
      asked: [snakemake, "--version"],
    }],
    {
      name: "sluice on node",
      command: [join(bin, "node"), program, "report.json"],
      file: "report.json",
      asked: [join(bin, "node"), "-v"],
    },
    {
      name: "sluice on deno",
      command: [join(bin, "deno"), "run", "-A", program, "report.json"],
      file: "report.json",
      asked: [join(bin, "deno"), "-v"],
    },
    {
      name: "sluice on bun",
      command: [join(bin, "bun"), program, "report.json"],
      file: "report.json",
      asked: [join(bin, "bun"), "-v"],
    },
  ];
  return tools.flatMap(({ asked, ...tool }) => {
    const version = versionOf(asked);
    if (version === undefined) console.log(`left out: ${tool.name} is not there`);
    return version === undefined ? [] : [{ ...tool, version }];
  });
}

function makeLogs(folder: string): void {
  mkdirSync(folder);
  for (let file = 0; file < FILES; file++) {
    const lines = Array.from({ length: LINES }, (_, line) => {
      const code = (file * 31 + line * 17) % 11 === 0 ? 500 : (line + file) % 7 === 0 ? 404 : 200;
      return `10.0.${file % 256}.${
        line % 256
      } - - [21/Nov/2026:10:00:00 +0000] "GET /page/${line} HTTP/1.1" ${code} ${line}`;
    });
    writeFileSync(
      join(folder, `${String(file).padStart(4, "0")}.gz`),
      gzipSync(`${lines.join("\n")}\n`, { level: 1 }),
    );
  }
}

/** One tool in a folder of its own. */
class Trial {
  readonly #tool: Tool;
  readonly #folder: string;

  constructor(tool: Tool, logs: string) {
    this.#tool = tool;
    this.#folder = mkdtempSync(join(scratch, "trial-"));
    cpSync(sources, this.#folder, { recursive: true });
    cpSync(logs, join(this.#folder, "logs"), { recursive: true });
  }

  /** Runs it; gives seconds, exit code and how many logs were counted. */
  run(): { readonly seconds: number; readonly code: number | null; readonly counted: number } {
    const ran = join(this.#folder, "ran");
    rmSync(ran, { force: true });
    const [program = "", ...args] = this.#tool.command;
    const begun = performance.now();
    const { status } = spawnSync(program, args, {
      cwd: this.#folder,
      stdio: "ignore",
      env: { ...process.env, SLUICE_CACHE: join(this.#folder, "cache") },
    });
    const seconds = (performance.now() - begun) / 1000;
    return { seconds, code: status, counted: existsSync(ran) ? readFileSync(ran).length : 0 };
  }

  get report(): string | undefined {
    const file = join(this.#folder, "report.txt");
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  log(name: string): string {
    return join(this.#folder, "logs", name);
  }
}

function linesOf(file: string): number {
  return readFileSync(join(sources, file), "utf8").split("\n").filter((line) => line.trim() !== "").length;
}

const tools = listTools();
const logs = join(scratch, "logs");
makeLogs(logs);
const expected = execFileSync("bash", [
  "-c",
  `gzip -dc ${logs}/*.gz | awk '{ n[$9]++ } END { for (c in n) print c, n[c] }' | sort`,
], {
  encoding: "utf8",
});
console.log(`${FILES} files of ${LINES} lines; two processes at a time\n`);
console.log(
  "| tool | lines written | all | again, nothing changed | one file changed | failure in the middle | repaired: time, files redone |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- |");
let base: number | undefined;
for (const tool of tools) {
  const trial = new Trial(tool, logs);
  const check = (what: string): void => {
    if (trial.report !== expected) console.log(`WRONG after ${what}: ${JSON.stringify(trial.report)}`);
  };
  const all = trial.run();
  check("all");
  const again = trial.run();
  check("again");
  // The same lines, compressed in another way: only who looks at contents can see that nothing has changed in the end.
  writeFileSync(
    trial.log("0007.gz"),
    gzipSync(execFileSync("gzip", ["-dc", trial.log("0007.gz")]), { level: 9 }),
  );
  const changed = trial.run();
  check("a change");
  const broken = new Trial(tool, logs);
  const whole = readFileSync(broken.log("0500.gz"));
  writeFileSync(broken.log("0500.gz"), whole.subarray(0, 100));
  const failed = broken.run();
  const isWrong = failed.code === 0 || broken.report !== undefined;
  writeFileSync(broken.log("0500.gz"), whole);
  const repaired = broken.run();
  if (broken.report !== expected) console.log(`WRONG after the repair: ${JSON.stringify(broken.report)}`);
  base ??= all.seconds;
  console.log(
    `| ${tool.name} ${tool.version} | ${linesOf(tool.file)} | ${all.seconds.toFixed(2)} s (${
      (all.seconds / base).toFixed(2)
    }) | ` +
      `${again.seconds.toFixed(2)} s, ${again.counted} | ${
        changed.seconds.toFixed(2)
      } s, ${changed.counted} | ` +
      `exit ${failed.code} after ${failed.counted}${isWrong ? ", but a report is there" : ""} | ` +
      `${repaired.seconds.toFixed(2)} s, ${repaired.counted} |`,
  );
}
rmSync(scratch, { recursive: true, force: true });
