/** One random flow of cached actors: run, changed and run again, and never other than without a cache. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { RunResult } from "../../lib/core/result.ts";
import type { CachedFlow } from "./cached_flow.ts";
import { changeSomething, drawCachedFlow, evaluateCached, toFlowFile } from "./cached_flow.ts";
import type { RuntimeName } from "./flow_case.ts";
import { engineCommand } from "./flow_case.ts";
import { makeRandom } from "./prng.ts";

export interface CachedTrial {
  /** What is not as it has to be, in words. */
  readonly problems: readonly string[];
  /** How many cached actors there were in all runs, how many were not run, and how many were not kept. */
  readonly cached: number;
  readonly found: number;
  readonly notKept: number;
}

/** Every second run has nothing changed before it: then nobody may be run who was kept. */
export async function runCached(
  seed: number,
  { runtime, rounds = 6 }: { readonly runtime: RuntimeName; readonly rounds?: number },
): Promise<CachedTrial> {
  const folder = mkdtempSync(join(tmpdir(), "random-cached-"));
  try {
    const random = makeRandom(seed, "cached");
    let flow = drawCachedFlow(random, folder);
    const problems: string[] = [];
    const totals = { cached: 0, found: 0, notKept: 0 };
    const story: string[] = [];
    for (let round = 0; round < rounds && problems.length === 0; round++) {
      const isChanged = round % 2 === 0;
      if (isChanged && round > 0) {
        const changed = changeSomething(random, { flow, folder });
        flow = changed.flow;
        story.push(changed.told);
      }
      problems.push(...await runRound(flow, { folder, runtime, isChanged, totals }));
    }
    return { problems: problems.map((problem) => `${problem} (after: ${story.join(", ")})`), ...totals };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runRound(flow: CachedFlow, { folder, runtime, isChanged, totals }: {
  readonly folder: string;
  readonly runtime: RuntimeName;
  readonly isChanged: boolean;
  readonly totals: { cached: number; found: number; notKept: number };
}): Promise<readonly string[]> {
  mkdirSync(join(folder, "out"), { recursive: true });
  writeFileSync(join(folder, "flow.json"), toFlowFile(flow));
  const { code, stderr } = await runEngine(flow, { folder, runtime });
  const expected = evaluateCached(flow, folder);
  if (code !== 0) return [`exit ${code}: ${stderr.slice(0, 1000)}`];
  const { actors } = JSON.parse(stderr) as RunResult;
  const problems: string[] = [];
  for (const [name, { cache }] of Object.entries(flow.actors)) {
    const written = readFileSync(join(folder, "out", name));
    if (!written.equals(expected.get(name) ?? Buffer.alloc(0))) {
      const { cached = false } = actors[name] ?? {};
      problems.push(
        `${name}${cached ? " from the cache" : ""} wrote ${JSON.stringify(String(written))}, expected ${
          JSON.stringify(String(expected.get(name)))
        } of ${JSON.stringify(flow.actors[name])}`,
      );
    }
    if (!cache) continue;
    const { cached = false, notKept } = actors[name] ?? {};
    totals.cached += 1;
    if (cached) totals.found += 1;
    if (notKept !== undefined) totals.notKept += 1;
    // The reference makes such files of its own anew.
    const isOwn = flow.actors[name]?.sh.includes("/own-") === true;
    if (!isChanged && !cached && !isOwn) {
      problems.push(`${name} is run again, and nothing has changed: ${flow.actors[name]?.sh}`);
    }
  }
  return problems;
}

function runEngine(
  { variables }: CachedFlow,
  { folder, runtime }: { readonly folder: string; readonly runtime: RuntimeName },
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const [program, ...words] = engineCommand(runtime);
  const env = { ...process.env, ...variables, SLUICE_CACHE: join(folder, "cache"), NO_COLOR: "1" };
  const child = spawn(program, [...words, join(folder, "flow.json"), "--json"], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stderr }));
  });
}
