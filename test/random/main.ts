/**
 * Runs random flows and tells where the engine and the reference differ:
 * `node test/random/main.ts --count 2000 --seed 1`. Graph number i has the seed `seed + i`; `--only SEED` repeats one.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { faultKinds, runWithFault } from "./faults.ts";
import { type FlowCase, runtimeNames } from "./flow_case.ts";
import { describeCase } from "./describe_case.ts";
import { generate, type GenerateOptions } from "./generate.ts";
import { runCase } from "./run_case.ts";
import { keepFailure, shrink } from "./shrink.ts";
import type { Problem } from "./verify.ts";

const HELP = `node test/random/main.ts [options]
  --count N        how many graphs (100)
  --seed N         seed of the first one (1); the others follow
  --only SEED      this graph alone, with all that is known of it
  --runtime NAME   deno, bun or node for all; otherwise each graph draws its own
  --faults         something goes wrong in each run
  --fault KIND     always this: ${faultKinds.join(", ")}
  --large          streams of up to 300 MB
  --max BYTES      no source writes more on one stream
  --captured       each run goes into a database, and every stream of it is compared
  --many-files     hundreds of files in each, and few descriptors; otherwise in some
  --sets           actors over sets in each; otherwise in some
  --uses           a flow in each, which is run again in some; otherwise in some
  --splits         a stream split by key in each; otherwise in some
  --members        actors over the records of a stream in each; otherwise in some
  --no-limits      without the key "limits"
  --no-shrink      do not make failing graphs smaller, keep none
  --jobs N         graphs at the same time (1)
`;
const TOLD_EVERY = 50;

const { values } = parseArgs({
  allowNegative: true,
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    runtime: { type: "string" },
    faults: { type: "boolean", default: false },
    fault: { type: "string" },
    large: { type: "boolean", default: false },
    max: { type: "string" },
    captured: { type: "boolean", default: false },
    "many-files": { type: "boolean" },
    sets: { type: "boolean" },
    uses: { type: "boolean" },
    splits: { type: "boolean" },
    members: { type: "boolean" },
    limits: { type: "boolean", default: true },
    shrink: { type: "boolean", default: true },
    jobs: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});

const totals = { graphs: 0, differences: 0, hangs: 0 };

if (values.help) console.log(HELP);
else await main();

async function main(): Promise<void> {
  const options = readOptions();
  const only = values.only === undefined ? undefined : readNumber(values.only);
  const seed = only ?? readNumber(values.seed);
  const count = only === undefined ? readNumber(values.count) : 1;
  const startedAt = performance.now();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const generated = generate(seed + next++, options);
      const flowCase = values.captured ? { ...generated, isCaptured: true } : generated;
      if (only !== undefined) console.log(describeCase(flowCase));
      await tryCase(flowCase);
      totals.graphs += 1;
      const seconds = (performance.now() - startedAt) / 1000;
      if (totals.graphs % TOLD_EVERY === 0) {
        console.log(`${summary()}, ${(seconds / totals.graphs).toFixed(2)} s each, next seed ${seed + next}`);
      }
    }
  };
  await Promise.all(Array.from({ length: readNumber(values.jobs) }, work));
  console.log(summary());
  process.exitCode = totals.differences + totals.hangs > 0 ? 1 : 0;
}

async function tryCase(flowCase: FlowCase): Promise<void> {
  const { seed, runtime } = flowCase;
  if (values.faults || values.fault !== undefined) {
    const wanted = values.fault === undefined ? undefined : readName(values.fault, faultKinds);
    const { kind, story, problems } = await runWithFault(flowCase, { kind: wanted });
    if (values.only !== undefined) console.log(`${kind}: ${story}`);
    count(problems);
    for (const problem of problems) {
      console.log(`seed ${seed} on ${runtime}, ${kind} (${story}): ${show(problem)}`);
    }
    return;
  }
  const problems = await runCase(flowCase);
  count(problems);
  for (const problem of problems) console.log(`seed ${seed} on ${runtime}: ${show(problem)}`);
  const [problem] = problems;
  if (problem === undefined || problem.kind === "case" || !values.shrink) return;
  const smaller = await shrink({ flowCase, problem });
  console.log(`after ${smaller.tries} tries: ${describeCase(smaller.flowCase)}\n${show(smaller.problem)}`);
  console.log(`kept in ${keepFailure(smaller)}`);
}

function count(problems: readonly Problem[]): void {
  if (problems.some(({ kind }) => kind === "hang")) totals.hangs += 1;
  else if (problems.length > 0) totals.differences += 1;
}

function show({ kind, text }: Problem): string {
  return `${kind}: ${text}`;
}

function summary(): string {
  return `${totals.graphs} graphs, ${totals.differences} differences, ${totals.hangs} hangs`;
}

function readOptions(): GenerateOptions {
  return {
    isLarge: values.large,
    hasLimits: values.limits,
    ...(values["many-files"] === undefined ? {} : { hasManyFiles: values["many-files"] }),
    ...(values.sets === undefined ? {} : { hasSets: values.sets }),
    ...(values.uses === undefined ? {} : { hasUses: values.uses }),
    ...(values.splits === undefined ? {} : { hasSplits: values.splits }),
    ...(values.members === undefined ? {} : { hasMembers: values.members }),
    // What a fault does is done to the flow as it is.
    ...(values.faults || values.fault !== undefined
      ? { hasSets: false, hasUses: false, hasSplits: false, hasMembers: false }
      : {}),
    ...(values.max === undefined ? {} : { bytesMax: readNumber(values.max) }),
    ...(values.runtime === undefined ? {} : { runtime: readName(values.runtime, runtimeNames) }),
  };
}

function readNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`"${text}" is no whole number`);
  return value;
}

function readName<T extends string>(text: string, names: readonly T[]): T {
  const found = names.find((name) => name === text);
  if (found === undefined) throw new Error(`There is no "${text}" (expected ${names.join(", ")})`);
  return found;
}
