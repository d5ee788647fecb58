/**
 * Kills the engine at random instants and goes on with `--resume`. Each time the database has to open, the result has to
 * be right, and nobody is run again whose work was complete; with `--messages`, no accepted message may be lost.
 *
 *   node test/kills/main.ts --count 100 --seed 1 --runtime node
 *   node test/kills/main.ts --count 100 --messages
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { makeRandom } from "../random/prng.ts";
import { killMessages } from "./kill_messages.ts";
import { killOnce } from "./kill_once.ts";
import { runtimeOf, RUNTIMES } from "./kill_runtimes.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    runtime: { type: "string" },
    messages: { type: "boolean", default: false },
  },
});
const first = Number(values.seed);
let mistakes = 0;
const sums = new Map<string, number>();
for (let seed = first; seed < first + Number(values.count); seed++) {
  const runtime = runtimeOf(values.runtime ?? RUNTIMES[seed % RUNTIMES.length]?.name ?? "");
  const random = makeRandom(seed, "kills");
  const { problems, ...counts } = values.messages
    ? await killMessages(runtime, random)
    : await killOnce(runtime, random);
  for (const [name, count] of Object.entries(counts)) {
    const sum = sums.get(name) ?? 0;
    sums.set(name, name.startsWith("slowest") ? Math.max(sum, count) : sum + count);
  }
  mistakes += problems.length;
  for (const problem of problems) console.log(`seed ${seed} on ${runtime.name}: ${problem}`);
}
const told = [...sums].map(([name, sum]) => `${sum} ${name}`).join(", ");
console.log(`${values.count} flows: ${told}; ${mistakes} mistakes`);
process.exitCode = mistakes === 0 ? 0 : 1;
