/**
 * How many messages a second does an actor take, and answer, with each SDK? `node bench/sdk.ts [rounds] [name…]`;
 * with 0 rounds it is one, and the figures of each are told as a JSON object.
 */
import process from "node:process";
import { KINDS, listSubjects, type MeasuredSdk, measureSdk } from "./sdk_cases.ts";

const [, , given = "3", ...names] = process.argv;
const rounds = Number(given);
if (rounds > 0) console.log("|  | takes, a second | µs of processor | answers, a second | µs of processor |");
if (rounds > 0) console.log("|---|---|---|---|---|");
for (const subject of listSubjects()) {
  if (names.length > 0 && !names.includes(subject.name)) continue;
  const cells: string[] = [];
  const figures: Record<string, number> = {};
  for (const kind of KINDS) {
    const all: MeasuredSdk[] = [];
    for (let round = 0; round < Math.max(1, rounds); round++) all.push(await measureSdk(subject, kind));
    const rate = Math.max(...all.map(({ perSecond }) => perSecond));
    const least = Math.min(...all.map(({ cpuMicroseconds }) => cpuMicroseconds));
    figures[kind] = rate;
    figures[`${kind} µs`] = least;
    cells.push(String(Math.round(rate / 100) * 100), least.toFixed(2));
  }
  console.log(rounds > 0 ? `| ${subject.name} | ${cells.join(" | ")} |` : JSON.stringify(figures));
}
