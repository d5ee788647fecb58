/**
 * Runs random flows of messages and tells where one owes something: `node test/random/messages/talk_main.ts --count 500
 * --seed 1`. Flow number i has the seed `seed + i`; `--only SEED` repeats one and keeps its folder.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { runtimeNames } from "../flow_case.ts";
import { makeTalk } from "./talk_case.ts";
import { runTalk } from "./talk_run.ts";

const SHOWN = 3;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    runtime: { type: "string" },
  },
});
const runtime = runtimeNames.find((name) => name === values.runtime);
const first = Number(values.only ?? values.seed);
const count = values.only === undefined ? Number(values.count) : 1;
let wrong = 0;
for (let seed = first; seed < first + count; seed++) {
  const talk = makeTalk(seed, { runtime });
  const from = performance.now();
  const problems = await runTalk(talk, { isKept: values.only !== undefined });
  if (problems.length === 0) continue;
  wrong += 1;
  console.log(`seed ${seed} on ${talk.runtime}, ${Math.round(performance.now() - from)} ms:`);
  for (const { kind, text } of problems.slice(0, SHOWN)) console.log(`  ${kind}: ${text.slice(0, 1500)}`);
}
console.log(`${count} flows of messages, ${wrong} with a problem`);
process.exitCode = wrong > 0 ? 1 : 0;
