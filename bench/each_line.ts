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

interface Measured {
  readonly seconds: number;
  /** Of processors, of all processes together: what is left of the truth on a machine that has other work. */
  readonly cpuSeconds: number;
  /** The most that the program itself held. */
  readonly mebibytes: number;
}

function measure([file = "", ...args]: readonly string[]): Measured {
  const script = "import os,resource,subprocess,sys,time\n" +
    "b=time.time(); c=subprocess.run(sys.argv[1:]).returncode; e=time.time()-b\n" +
    "u=resource.getrusage(resource.RUSAGE_CHILDREN); print(e, u.ru_utime+u.ru_stime, u.ru_maxrss/1024); sys.exit(c)";
  const [seconds = 0, cpuSeconds = 0, mebibytes = 0] = execFileSync(
    "python3",
    ["-c", script, file, ...args],
    {
      encoding: "utf8",
    },
  )
    .trim().split(" ").map(Number);
  return { seconds, cpuSeconds, mebibytes };
}

try {
  const found = new Map<string, Measured[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of tools) found.set(name, [...found.get(name) ?? [], measure(command)]);
  }
  const best = (name: string, of: keyof Measured = "seconds"): number =>
    Math.min(...(found.get(name) ?? []).map((one) => one[of]));
  console.log(
    `${lines} lines, best of ${rounds}; load ${loadavg().map((load) => load.toFixed(1)).join(" ")}`,
  );
  for (const [name, runs] of found) {
    const mebibytes = Math.max(...runs.map((run) => run.mebibytes)).toFixed(0);
    console.log(
      `${name.padEnd(16)} ${best(name).toFixed(2)} s, ${(best(name) / best("xargs")).toFixed(2)} of xargs; ${
        best(name, "cpuSeconds").toFixed(2)
      } s of processors, ${
        (best(name, "cpuSeconds") / best("xargs", "cpuSeconds")).toFixed(2)
      } of xargs; ${mebibytes} MiB`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true });
}
