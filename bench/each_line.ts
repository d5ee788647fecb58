/**
 * A command for each line of a stream, two at a time: what does the engine cost where the command costs nothing? Against
 * xargs and GNU parallel, in turn, with `true` for every number up to N.
 *
 *   npm run bench:lines [-- N [ROUNDS]]
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";

const [lines = 100_000, rounds = 1] = process.argv.slice(2).map(Number);
const bin = resolve(import.meta.dirname, "../node_modules/.bin");
const program = resolve(import.meta.dirname, "../mod.ts");
const scratch = mkdtempSync(join(tmpdir(), "bench-of-sluice-lines-"));

const flow = join(scratch, "flow.json");
writeFileSync(
  flow,
  JSON.stringify({
    sets: { n: { stream: "numbers" } },
    actors: {
      numbers: { run: ["seq", String(lines)] },
      one: { each: "n", run: ["true", "{n}"] },
    },
    limits: { processes: 2 },
  }),
);

const shell = (text: string): readonly string[] => ["sh", "-c", text];
const tools: readonly (readonly [string, readonly string[]])[] = [
  ["xargs", shell(`seq ${lines} | xargs -P2 -n1 true`)],
  ...spawnSync("parallel", ["--version"]).status === 0
    ? [["parallel", shell(`seq ${lines} | parallel -j2 -k true`)] as const]
    : [],
  ["sluice on node", [join(bin, "node"), program, flow]],
  ["sluice on deno", [join(bin, "deno"), "run", "-A", program, flow]],
  ["sluice on bun", [join(bin, "bun"), program, flow]],
];

/** Seconds, and the most that the program itself held, in MiB. */
function measure(
  [file = "", ...args]: readonly string[],
): { readonly seconds: number; readonly mebibytes: number } {
  const script = "import os,resource,subprocess,sys,time\n" +
    "b=time.time(); c=subprocess.run(sys.argv[1:]).returncode; e=time.time()-b\n" +
    "print(e, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss/1024); sys.exit(c)";
  const [seconds = 0, mebibytes = 0] = execFileSync("python3", ["-c", script, file, ...args], {
    encoding: "utf8",
  })
    .trim().split(" ").map(Number);
  return { seconds, mebibytes };
}

try {
  const found = new Map<string, { seconds: number; mebibytes: number }[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of tools) found.set(name, [...found.get(name) ?? [], measure(command)]);
  }
  const best = (name: string): number => Math.min(...(found.get(name) ?? []).map(({ seconds }) => seconds));
  console.log(
    `${lines} lines, best of ${rounds}; load ${loadavg().map((load) => load.toFixed(1)).join(" ")}`,
  );
  for (const [name, runs] of found) {
    const mebibytes = Math.max(...runs.map((run) => run.mebibytes)).toFixed(0);
    console.log(
      `${name.padEnd(16)} ${best(name).toFixed(2)} s, ${
        (best(name) / best("xargs")).toFixed(2)
      } of xargs, ${mebibytes} MiB`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true });
}
