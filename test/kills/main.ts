/**
 * Kills the engine at random instants of a flow with a cache and a capture, and goes on with `--resume`. Each time the
 * database has to open, the result has to be right, and nobody is run again whose work was complete.
 *
 *   node test/kills/main.ts --count 100 --seed 1 --runtime node
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { makeRandom } from "../random/prng.ts";
import { killOnce } from "./kill_once.ts";
import { runtimeOf, RUNTIMES } from "./kill_runtimes.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    runtime: { type: "string" },
  },
});
const first = Number(values.seed);
const wrong: string[] = [];
let [spared, kept] = [0, 0];
for (let seed = first; seed < first + Number(values.count); seed++) {
  const runtime = runtimeOf(values.runtime ?? RUNTIMES[seed % RUNTIMES.length]?.name ?? "");
  const { kills, complete, problems } = await killOnce(runtime, makeRandom(seed, "kills"));
  spared += complete;
  kept += kills;
  for (const problem of problems) wrong.push(`seed ${seed} on ${runtime.name}: ${problem}`);
}
for (const line of wrong) console.log(line);
console.log(
  `${values.count} flows, ${kept} kills, ${spared} actors complete at a kill and not run again, ${wrong.length} mistakes`,
);
process.exitCode = wrong.length === 0 ? 0 : 1;
