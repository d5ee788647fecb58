/**
 * Injects faults into calls of the engine into the system, one a run, chosen by a seed; or one that is named.
 *
 *   npm run faults -- --count 200 --seed 1
 *   npm run faults -- --runtime node --flow fan --call splice --error EIO --at 3
 *
 * Needs strace, and the right to trace.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { chooseFault, describeFault } from "./choose_fault.ts";
import { inject } from "./inject.ts";
import { whyNotTraced } from "./traced_engine.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    runtime: { type: "string" },
    flow: { type: "string" },
    call: { type: "string" },
    error: { type: "string" },
    at: { type: "string" },
  },
});
/** After how many faults it is told how far things are. */
const PROGRESS_EACH = 50;

const reason = whyNotTraced();
if (reason !== undefined) throw new Error(`Cannot inject faults: ${reason}`);
const first = Number(values.seed);
const count = values.at === undefined ? Number(values.count) : 1;
const sums = { right: 0, told: 0, runtime: 0, missed: 0, bad: 0 };
const hit = new Set<string>();

function tell(last: number): void {
  const injected = sums.right + sums.told + sums.runtime + sums.bad;
  const told = Object.entries(sums).map(([kind, sum]) => `${sum} ${kind}`).join(", ");
  const calls = [...hit].sort().join(" ");
  console.log(`seeds ${first} to ${last}: ${injected} faults at ${hit.size} calls (${calls}): ${told}`);
}

for (let seed = first; seed < first + count; seed++) {
  const fault = await chooseFault(seed, values);
  if (fault === undefined) continue; // The flow makes no such call on this runtime.
  const { kind, problems, said } = await inject(fault);
  sums[kind] += 1;
  if (kind !== "missed") hit.add(fault.call);
  if (kind === "bad" || kind === "runtime") {
    console.log(`${kind}: npm run faults -- ${describeFault(fault)}\n  ${problems.join("\n  ")}`);
  }
  if (kind === "bad" || count === 1) console.log(said.replaceAll(/^/gm, "  | "));
  if (count === 1) console.log(kind);
  if ((seed - first) % PROGRESS_EACH === PROGRESS_EACH - 1 && seed < first + count - 1) tell(seed);
}
tell(first + count - 1);
process.exitCode = sums.bad === 0 ? 0 : 1;
