/**
 * Injects faults into calls of the engine into the system, one a run, chosen by a seed; or one that is named.
 *
 *   npm run faults -- --count 200 --seed 1 --jobs 4
 *   npm run faults -- --runtime node --flow fan --call splice --error EIO --at 3
 *
 * Needs strace, and the right to trace.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { chooseFault, describeFault } from "./choose_fault.ts";
import { inject } from "./inject.ts";
import { Tally } from "./tally.ts";
import { whyNotTraced } from "./traced_engine.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    /** How many at the same time. */
    jobs: { type: "string", default: "1" },
    runtime: { type: "string" },
    flow: { type: "string" },
    call: { type: "string" },
    error: { type: "string" },
    at: { type: "string" },
    /** Each call after that fails, too. */
    lasting: { type: "boolean", default: false },
  },
});
/** After how many faults it is told how far things are. */
const PROGRESS_EACH = 50;

const reason = whyNotTraced();
if (reason !== undefined) throw new Error(`Cannot inject faults: ${reason}`);
const first = Number(values.seed);
const count = values.at === undefined ? Number(values.count) : 1;
const tally = new Tally();
let next = 0;
let done = 0;
/** Runs that are wrong without any fault. */
let failures = 0;

async function work(): Promise<void> {
  while (next < count) {
    const seed = first + next++;
    await tryOne(seed).catch((error: unknown) => {
      failures += 1;
      console.log(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
    });
    done += 1;
    if (done % PROGRESS_EACH === 0 && done < count) {
      console.log(`${tally.describe()}; next seed ${first + next}`);
    }
  }
}

async function tryOne(seed: number): Promise<void> {
  const fault = await chooseFault(seed, values);
  if (fault === undefined) return; // The flow makes no such call on this runtime.
  const outcome = await inject(fault);
  const { kind, problems, said } = outcome;
  tally.add(fault, outcome);
  if (kind === "bad" || kind === "runtime") {
    console.log(`${kind}: npm run faults -- ${describeFault(fault)}\n  ${problems.join("\n  ")}`);
  }
  if (kind === "bad" || count === 1) console.log(said.replaceAll(/^/gm, "  | "));
  if (count === 1) console.log(kind);
}

await Promise.all(Array.from({ length: Number(values.jobs) }, work));
console.log(`seeds ${first} to ${first + count - 1}: ${tally.describe()}`);
process.exitCode = tally.count("bad") + failures === 0 ? 0 : 1;
