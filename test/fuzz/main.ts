/**
 * Command lines and flow files that nobody should write. Case number i has the seed `seed + i`:
 *
 *   npm run fuzz -- --count 20000 --seed 1
 *   npm run fuzz -- --only 4711
 *
 * Each case is a flow file and a command line, both looked at in this process; one of `--each` command lines is given
 * to the program as well, on the runtime of its turn.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { checkSpoiled } from "./check_spoiled.ts";
import { makeWords, readWords, RUNTIMES, runWords } from "./command_line.ts";
import { spoilFlow } from "./spoil_flow.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    each: { type: "string", default: "40" },
    only: { type: "string" },
  },
});
const SLOW_MS = 5_000;
const WORD_SHOWN = 80;

const first = Number(values.only ?? values.seed);
const count = values.only === undefined ? Number(values.count) : 1;
const each = values.only === undefined ? Number(values.each) : 1;
const sums = { flows: 0, good: 0, "command lines": 0, runs: 0, bad: 0 };
const folder = mkdtempSync(join(tmpdir(), "fuzz-of-sluice-"));

function tell(
  seed: number,
  { what, problems }: { readonly what: string; readonly problems: readonly string[] },
) {
  sums.bad += problems.length;
  for (const problem of problems) console.log(`seed ${seed}, ${what}: ${problem}`);
}

function describe(words: readonly string[]): string {
  return JSON.stringify(words.map((word) => word.slice(0, WORD_SHOWN)));
}

try {
  for (let seed = first; seed < first + count; seed++) {
    const startedAt = performance.now();
    const spoiled = spoilFlow(seed);
    const { isGood, problems } = await checkSpoiled(spoiled, join(folder, "flow.json"));
    tell(seed, { what: "flow file", problems });
    const ms = performance.now() - startedAt;
    if (ms > SLOW_MS) console.log(`seed ${seed}, flow file: it takes ${Math.round(ms)} ms`);
    sums.flows += 1;
    if (isGood) sums.good += 1;
    const words = makeWords(seed);
    if (values.only !== undefined) {
      console.log(`${new TextDecoder().decode(spoiled.bytes)}\n${describe(words)}`);
    }
    tell(seed, { what: describe(words), problems: readWords(words) });
    sums["command lines"] += 1;
    if ((seed - first) % each !== 0) continue;
    const runtimes = RUNTIMES.filter((_, at) => values.only !== undefined || at === seed % RUNTIMES.length);
    for (const runtime of runtimes) {
      tell(seed, { what: `${describe(words)} on ${runtime.name}`, problems: runWords(words, runtime) });
      sums.runs += 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(Object.entries(sums).map(([what, sum]) => `${sum} ${what}`).join(", "));
process.exitCode = sums.bad === 0 ? 0 : 1;
