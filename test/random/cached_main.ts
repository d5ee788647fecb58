/**
 * Runs random flows of cached actors, with files changed between their runs, and tells where the cache was stale:
 * `node test/random/cached_main.ts --count 300 --seed 1`. Flow number i has the seed `seed + i`.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { runCached } from "./cached_run.ts";
import { runtimeNames } from "./flow_case.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    runtime: { type: "string" },
  },
});
const [first, count] = [Number(values.seed), Number(values.count)];
const totals = { flows: 0, problems: 0, cached: 0, found: 0, notKept: 0 };
for (let seed = first; seed < first + count; seed++) {
  const drawn = runtimeNames[seed % runtimeNames.length] ?? "node";
  const runtime = runtimeNames.find((name) => name === values.runtime) ?? drawn;
  const { problems, cached, found, notKept } = await runCached(seed, { runtime });
  for (const problem of problems) console.log(`seed ${seed} on ${runtime}: ${problem}`);
  totals.flows += 1;
  totals.problems += problems.length;
  totals.cached += cached;
  totals.found += found;
  totals.notKept += notKept;
  if (totals.flows % 25 === 0) console.log(JSON.stringify(totals));
}
console.log(JSON.stringify(totals));
process.exitCode = totals.problems > 0 ? 1 : 0;
