/** Cases with something going wrong while they run: what has to hold then, and that nothing hangs or stays behind. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compareCaptured } from "./captured.ts";
import type { Engine, WaitLimits } from "./engine.ts";
import { startEngine, waitForEnd } from "./engine.ts";
import { findRunning } from "./events.ts";
import type { FlowCase } from "./flow_case.ts";
import { withPatience } from "./patience.ts";
import { makeRandom, type Random } from "./prng.ts";
import { isOf, signalProcess } from "./processes.ts";
import { describeExit, judge, type Trial, withTrial } from "./run_case.ts";
import { compareOutputs, findLeftFiles, findLeftProcesses, findOutputs, type Problem } from "./verify.ts";

/**
 * - `kill-actor`: SIGKILL to an actor: exit 1 that names it within the grace, or all is right (nobody needed it);
 * - `pause-actor`: SIGSTOP and later SIGCONT to an actor: all is right;
 * - `full-disk`: 4 MiB of temporary space: all is right, or exit 1, 3 or 4 that names the disk or the limit;
 * - `kill-engine`: SIGKILL to the engine: within 3 s no process is left, and each output file is whole or not there.
 */
export type FaultKind = typeof faultKinds[number];

/** All kinds of faults. */
export const faultKinds = ["kill-actor", "pause-actor", "full-disk", "kill-engine"] as const;

/** What a run with a fault came to. */
export interface FaultResult {
  readonly kind: FaultKind;
  /** What was done, and when. */
  readonly story: string;
  readonly problems: readonly Problem[];
}

const GRACE_MS = 1500;
/** What ending a flow may take beside its grace. */
const SLACK_MS = 3000;
const LEAVE_MS = 3000;
const FIRST_ACTOR_MS = 20_000;
const LOOK_MS = 2;

interface Fault {
  readonly trial: Trial;
  readonly random: Random;
  readonly limits: WaitLimits;
  readonly tell: (text: string) => void;
}

/** Runs a case with the fault that its seed chooses. */
export async function runWithFault(
  flowCase: FlowCase,
  { limits = {}, kind: wanted }: { readonly limits?: WaitLimits; readonly kind?: FaultKind } = {},
): Promise<FaultResult> {
  const random = makeRandom(flowCase.seed, "fault");
  const drawn = random.pick(faultKinds);
  const kind = wanted ?? drawn;
  const story: string[] = [];
  const tell = (text: string): void => void story.push(text);
  const { limits: flowLimits, ...flow } = flowCase.flow;
  // What waits has to go to the disk, if it is to be full.
  const tight = kind === "full-disk" ? { limits: { ...flowLimits, memory: "1MiB" } } : { limits: flowLimits };
  const harmed = { ...flowCase, flow: { ...flow, ...tight, grace: `${GRACE_MS}ms` } };
  const problems = await withTrial(harmed, (trial) => FAULTS[kind]({ trial, random, limits, tell }));
  return { kind, story: story.join(", "), problems };
}

const FAULTS: Readonly<Record<FaultKind, (fault: Fault) => Promise<readonly Problem[]>>> = {
  "kill-actor": killActor,
  "pause-actor": pauseActor,
  "full-disk": fillDisk,
  "kill-engine": killEngine,
};

async function killActor(fault: Fault): Promise<readonly Problem[]> {
  const { trial, limits, tell } = fault;
  const { folder, flowFolder } = trial.placed;
  const engine = await startEngine(trial.placed, { isTold: true });
  const actor = await chooseActor(engine, fault);
  const killedAt = performance.now();
  if (actor !== undefined && signalProcess(actor.pid, "SIGKILL")) tell(`SIGKILL to ${actor.actor}`);
  const ended = await waitForEnd(engine, { folder, limits });
  if (actor === undefined || ended.kind === "hang" || ended.exit.code !== 1) {
    return await judge(trial, { engine, ended });
  }
  const tookMs = performance.now() - killedAt;
  const places = { ...engine, flowFolder };
  return [
    ...(engine.stderr().includes(`"${actor.actor}"`)
      ? []
      : [{ kind: "exit", text: describeExit(engine, ended) } as const]),
    ...(tookMs < GRACE_MS + withPatience(SLACK_MS)
      ? []
      : [{ kind: "exit", text: `it took ${Math.round(tookMs)} ms to stop` } as const]),
    ...findOutputs(trial.expected, places),
    ...await findLeftProcesses(folder, withPatience(LEAVE_MS)),
    ...findLeftFiles(places),
  ];
}

async function pauseActor(fault: Fault): Promise<readonly Problem[]> {
  const { trial, limits, random, tell } = fault;
  const engine = await startEngine(trial.placed, { isTold: true });
  const actor = await chooseActor(engine, fault);
  const pauseMs = random.int(300, 1500);
  if (actor !== undefined && signalProcess(actor.pid, "SIGSTOP")) {
    tell(`SIGSTOP to ${actor.actor} for ${pauseMs} ms`);
    await sleep(pauseMs);
    if (isOf(actor.pid, trial.placed.folder)) signalProcess(actor.pid, "SIGCONT");
  }
  const ended = await waitForEnd(engine, { folder: trial.placed.folder, limits });
  return await judge(trial, { engine, ended });
}

async function fillDisk({ trial, limits, tell }: Fault): Promise<readonly Problem[]> {
  const { folder, flowFolder } = trial.placed;
  const temporary = join(folder, "small");
  mkdirSync(temporary);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", temporary]);
  if (mounted.status !== 0) {
    tell("left out: this user cannot mount a small disk");
    return [];
  }
  try {
    const engine = await startEngine(trial.placed, { isTold: false, temporary });
    const ended = await waitForEnd(engine, { folder, limits });
    tell(`4 MiB of temporary space${ended.kind === "exit" ? `, exit ${ended.exit.code}` : ""}`);
    const code = ended.kind === "hang" ? undefined : ended.exit.code;
    // A file that is filled for an actor fails it, or would leave no room (4); what streams hold ends in a deadlock.
    const isTold = code === 3 || code === 4 ||
      (code === 1 && /no space left on device/i.test(engine.stderr()));
    if (ended.kind === "hang" || !isTold) return await judge(trial, { engine, ended });
    const isExplained = /disk|space|limit|spill/i.test(engine.stderr());
    const places = { ...engine, flowFolder };
    return [
      ...(isExplained ? [] : [{ kind: "exit", text: describeExit(engine, ended) } as const]),
      ...findOutputs(trial.expected, places),
      ...await findLeftProcesses(folder, withPatience(LEAVE_MS)),
      ...findLeftFiles(places),
    ];
  } finally {
    spawnSync("umount", ["-l", temporary]);
  }
}

async function killEngine({ trial, random, tell }: Fault): Promise<readonly Problem[]> {
  const { folder, flowFolder } = trial.placed;
  const engine = await startEngine(trial.placed, { isTold: false });
  const afterMs = drawMoment(random) + random.pick([0, 50, 150]);
  await Promise.race([engine.exited, sleep(afterMs)]);
  engine.kill("SIGKILL");
  const { signal } = await engine.exited;
  tell(
    signal === null
      ? "the end came before the kill"
      : `SIGKILL to the engine after ${Math.round(afterMs)} ms`,
  );
  const left = await findLeftProcesses(folder, withPatience(LEAVE_MS));
  const { isCaptured = false } = trial.placed.flowCase;
  const captured = isCaptured
    ? compareCaptured(folder, { flow: trial.placed.flowCase.flow, isKilled: signal !== null })
    : [];
  return [
    ...left,
    ...captured,
    ...compareOutputs(trial.expected, { ...engine, flowFolder, isPartial: true }),
  ];
}

/** Waits for the first actor, then a while, then takes one of those that run. Undefined when none does any more. */
async function chooseActor(
  engine: Engine,
  { trial, random, tell }: Fault,
): Promise<{ readonly actor: string; readonly pid: number } | undefined> {
  const { eventsFile } = engine;
  if (eventsFile === undefined) throw new Error("The engine has to write its events");
  const deadline = performance.now() + withPatience(FIRST_ACTOR_MS);
  let hasEnded = false;
  void engine.exited.then(() => hasEnded = true);
  while (!hasEnded && findRunning(eventsFile).length === 0 && performance.now() < deadline) {
    await sleep(LOOK_MS);
  }
  const afterMs = drawMoment(random);
  await Promise.race([engine.exited, sleep(afterMs)]);
  const running = findRunning(eventsFile).filter(({ pid }) => isOf(pid, trial.placed.folder));
  tell(`${Math.round(afterMs)} ms after the first actor${running.length === 0 ? ": too late" : ""}`);
  return running.length === 0 ? undefined : random.pick(running);
}

/** Rather early: most runs are short. */
function drawMoment(random: Random): number {
  return random.weighted([[4, 10], [4, 50], [2, 200], [1, 1500]]) * random.next();
}
