/**
 * The end of a run, when nothing is started any more: what is left is ended, what is written gets its last bytes, and
 * everything is let go of.
 */
import { isProcess } from "../core/flow.ts";
import type { Plan } from "../core/plan.ts";
import type { RunResult } from "../core/result.ts";
import type { RunFolder } from "../process/start/run_folder.ts";
import { sweepMarked } from "../process/stop/stop_processes.ts";
import type { Watchdog } from "../process/start/watchdog.ts";
import { waitFor } from "../host/time/wait_for.ts";
import { concludeRun } from "./conclude_run.ts";
import type { RunParts } from "./run_parts.ts";

/** Ends what is left, each step also when one before it was refused by the system. */
export async function settleRun(
  plan: Plan,
  { state, messages, wiring, ends, relays, capture, splits }: Pick<
    RunParts,
    "state" | "messages" | "wiring" | "ends" | "relays" | "capture" | "splits"
  >,
): Promise<RunResult> {
  const { graceMs } = plan.flow;
  await state.attempt(() => messages?.stop());
  await state.whenTracked();
  const hasProcesses = messages !== undefined || plan.actors.some(isProcess);
  if (hasProcesses) await state.attempt(() => sweepMarked(state.mark, graceMs));
  await state.attempt(() => wiring.settleStderr());
  const isHurried = state.isBroken || state.stopping?.reason === "signal";
  await state.attempt(() => ends.settle({ isHurried, graceMs }));
  // What is captured is read to the end, also where no reader is left. When something broke that carries the streams
  // nobody ends them.
  if (capture !== undefined && !state.isBroken) {
    const streams = [...wiring.actors.values()].flatMap((run) => run.streamsEnded);
    await waitFor(Promise.all(streams), graceMs);
    const isWhole = !state.isStopping && state.failures.length === 0;
    await waitFor(relays.whenCopied({ isWhole }), graceMs);
  }
  await state.attempt(() => messages?.close());
  // What the thread still has to tell is part of the run.
  await state.attempt(() => relays.stop());
  await state.attempt(() => capture?.settle({ isStopped: state.isStopping }));
  state.throwBug();
  messages?.conclude();
  return concludeRun(plan, { state, ends, splits, actors: wiring.actors });
}

/** Lets go of everything, whatever has happened. */
export async function letGo(
  { state, held, limits, wiring, messages, inputFiles, kept, cached, cachedMembers, relays, capture }:
    RunParts,
  { folder, watchdog, stopSampler }: {
    readonly folder: RunFolder;
    readonly watchdog: Watchdog | undefined;
    readonly stopSampler: (() => void) | undefined;
  },
): Promise<void> {
  const steps: readonly (() => unknown)[] = [
    () => stopSampler?.(),
    () => held.close(),
    () => limits?.stop(),
    () => cached?.close(),
    () => cachedMembers?.close(),
    () => inputFiles?.close(),
    () => wiring.close(),
    () => messages?.stop(),
    () => messages?.close(),
    () => kept?.close(),
    () => relays.stop(),
    () => capture?.close(),
    // A bug must not leave processes either.
    () => state.running > 0 ? sweepMarked(state.mark, 0) : undefined,
    () => folder.remove(),
    () => watchdog?.dismiss(),
  ];
  for (const step of steps) await state.attempt(step);
}
