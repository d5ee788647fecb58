/** One case from start to end: placed in a folder of its own, evaluated, run, compared, removed. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareCaptured } from "./captured.ts";
import type { Ended, Engine, WaitLimits } from "./engine.ts";
import { startEngine, waitForEnd } from "./engine.ts";
import type { FlowCase, PlacedCase } from "./flow_case.ts";
import { placeCase } from "./flow_case.ts";
import { withPatience } from "./patience.ts";
import { killProcesses } from "./processes.ts";
import { evaluate } from "./reference.ts";
import { compareOutputs, findLeftFiles, findLeftProcesses, type Problem } from "./verify.ts";

const LEAVE_MS = 1000;
const STDERR_SHOWN = 2000;

/** What is needed to judge a run. */
export interface Trial {
  readonly placed: PlacedCase;
  /** Output to the file that holds what it has to be. */
  readonly expected: ReadonlyMap<string, string>;
}

/** Runs a case and gives back what is not as it has to be. */
export async function runCase(flowCase: FlowCase, limits: WaitLimits = {}): Promise<readonly Problem[]> {
  return await withTrial(flowCase, async ({ placed, expected }) => {
    // What is cached is run in the first round, and taken from the cache in the second.
    for (let rounds = hasCached(flowCase) ? 2 : 1;; rounds--) {
      const engine = await startEngine(placed, { isTold: false });
      const ended = await waitForEnd(engine, { folder: placed.folder, limits });
      const problems = await judge({ placed, expected }, { engine, ended });
      if (problems.length > 0 || rounds === 1) return problems;
      for (const name of ["stdin-pipe", "stdout-pipe", "run.db"]) {
        rmSync(join(placed.folder, name), { force: true });
      }
    }
  });
}

function hasCached({ flow }: FlowCase): boolean {
  return Object.values(flow.actors).some(({ cache }) => cache);
}

/** Everything has to be right: exit 0, all bytes, nothing left. */
export async function judge(
  { placed, expected }: Trial,
  { engine, ended }: { readonly engine: Engine; readonly ended: Ended },
): Promise<readonly Problem[]> {
  const { folder, flowFolder } = placed;
  if (ended.kind === "hang") return [{ kind: "hang", text: ended.report }];
  const left = [
    ...await findLeftProcesses(folder, withPatience(LEAVE_MS)),
    ...findLeftFiles({ ...engine, flowFolder }),
  ];
  if (ended.exit.code !== 0) return [{ kind: "exit", text: describeExit(engine, ended) }, ...left];
  const captured = placed.flowCase.isCaptured === true
    ? compareCaptured(folder, { flow: placed.flowCase.flow })
    : [];
  return [...compareOutputs(expected, { ...engine, flowFolder }), ...captured, ...left];
}

/** How the engine ended, and what it said. */
export function describeExit(engine: Engine, ended: Extract<Ended, { kind: "exit" }>): string {
  const how = ended.exit.signal ?? `exit ${ended.exit.code}`;
  return `the engine ended with ${how} after ${Math.round(ended.durationMs)} ms: ${
    engine.stderr().slice(0, STDERR_SHOWN)
  }`;
}

/** Makes the folder of a case and the reference, and removes all of it afterwards. */
export async function withTrial(
  flowCase: FlowCase,
  body: (trial: Trial) => Promise<readonly Problem[]>,
): Promise<readonly Problem[]> {
  const folder = mkdtempSync(join(tmpdir(), "random-flow-"));
  try {
    const placed = placeCase(flowCase, folder);
    const reference = join(folder, "reference");
    mkdirSync(reference);
    return await body({ placed, expected: evaluate(placed, reference) });
  } catch (error) {
    return [{ kind: "case", text: error instanceof Error ? error.message : String(error) }];
  } finally {
    killProcesses(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}
