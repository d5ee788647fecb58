/** Makes a failing case smaller: whatever can be left out, halved or made plain while it still fails is. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FlowCase } from "./flow_case.ts";
import { runCase } from "./run_case.ts";
import { listSmaller } from "./smaller.ts";
import type { Problem } from "./verify.ts";

/** Where failing cases are kept: each is run again by `random.test.ts`. */
export const failureFolder = join(import.meta.dirname, "failures");

/** A failing case as it is kept. */
export interface Failure {
  /** What went wrong when it was found. */
  readonly found: string;
  readonly flowCase: FlowCase;
}

/** How much may be tried. */
export interface ShrinkLimits {
  /** @default 150 */
  readonly triesMax?: number;
  /** @default 300000 */
  readonly shrinkMs?: number;
}

const IDLE_MS = 3000;
const END_MS = 60_000;

/** The smallest case that was found to fail in the same way, and what was seen of it last. */
export async function shrink(
  failing: { readonly flowCase: FlowCase; readonly problem: Problem },
  { triesMax = 150, shrinkMs = 300_000 }: ShrinkLimits = {},
): Promise<{ readonly flowCase: FlowCase; readonly problem: Problem; readonly tries: number }> {
  const deadline = performance.now() + shrinkMs;
  let { flowCase, problem } = failing;
  let tries = 0;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    // From the end, the readers first: what nobody reads goes away then.
    for (let index = 0; tries < triesMax && performance.now() < deadline; index++) {
      const candidates = listSmaller(flowCase);
      const candidate = candidates[index];
      if (candidate === undefined) break;
      tries += 1;
      const problems = await runCase(candidate, { idleMs: IDLE_MS, endMs: END_MS });
      const same = problems.find((seen) => nameProblem(seen) === nameProblem(failing.problem));
      if (same === undefined) continue;
      ({ flowCase, problem } = { flowCase: candidate, problem: same });
      isSmaller = true;
      index -= 1;
    }
  }
  return { flowCase, problem, tries };
}

/** Writes a failing case into the folder of failures. The path of its file. */
export function keepFailure(
  { flowCase, problem }: { readonly flowCase: FlowCase; readonly problem: Problem },
): string {
  mkdirSync(failureFolder, { recursive: true });
  const path = join(failureFolder, `${flowCase.seed}.json`);
  const found = `${problem.kind}: ${problem.text.split("\n")[0]?.slice(0, 200)}`;
  const failure: Failure = { found, flowCase };
  writeFileSync(path, `${JSON.stringify(failure, undefined, 2)}\n`);
  return path;
}

/** Two problems with the same name are taken for one: the same kind, and the same exit code. */
function nameProblem({ kind, text }: Problem): string {
  return kind === "exit" ? /ended with (?:exit )?\w+/.exec(text)?.[0] ?? kind : kind;
}
