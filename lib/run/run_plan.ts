/**
 * One run of a plan: the single place where decisions meet. Callbacks only record; one loop starts what may start,
 * stops what has to stop and sees when everything has ended.
 *
 *   start outputs, sources ─▶ loop: start actors ─▶ all ended ─▶ sweep ─▶ put outputs in place ─▶ result
 *                                     │ failure, signal
 *                                     └─▶ stopping: SIGTERM, after grace SIGKILL
 */
import { isProcess } from "../core/flow.ts";
import type { Plan } from "../core/plan.ts";
import type { RunResult } from "../core/result.ts";
import { keepFlags } from "../host/descriptors/shared_descriptors.ts";
import type { RunFolder } from "../process/start/run_folder.ts";
import { chooseRunFolder } from "../process/start/run_folder.ts";
import type { Watchdog } from "../process/start/watchdog.ts";
import { startWatchdog } from "../process/start/watchdog.ts";
import type { ActorRun } from "./state/actor_run.ts";
import { withLateFailures } from "./conclude_run.ts";
import { listenToRelays } from "./listen_to_relays.ts";
import { listenToSignals } from "./listen_to_signals.ts";
import { loadParts } from "./load_parts.ts";
import type { PlanRunOptions, RunControl } from "./state/run_options.ts";
import type { RunGiven, RunParts } from "./run_parts.ts";
import { makeRunParts } from "./run_parts.ts";
import { startSampler } from "./actors/sampler.ts";
import { letGo, settleRun } from "./settle_run.ts";

/**
 * Runs a plan whose preflight found nothing. Whatever goes wrong in the run is in the result; a rejection is a bug, of
 * the engine or of whoever listens, but for a FlowError: there is no temporary folder, or its endpoint is not free.
 */
export async function runPlan(plan: Plan, options: PlanRunOptions = {}): Promise<RunResult> {
  const loaded = await loadParts(plan, options);
  const folder = chooseRunFolder();
  const gateway = await loaded.openGateway?.(plan);
  try {
    const run = new Run(plan, { options, folder, loaded, gateway });
    const putFlagsBack = keepFlags();
    const result = await run.run().finally(putFlagsBack);
    await run.settleEvents();
    return result;
  } finally {
    await gateway?.close();
  }
}

/** What whoever has started the run may do to it. */
function makeControl({ state, roster, stopper }: RunParts): RunControl {
  return {
    signalAll: (signal) => stopper.signalAll(signal),
    order: (name, does) => {
      const processes = roster.list().filter(({ actor, pid }) => actor.name === name && pid !== undefined);
      for (const run of processes) {
        if (does === "stop") state.track(stopper.end(run));
        else stopper.signal(run, does === "pause" ? "SIGSTOP" : "SIGCONT");
      }
      return processes.length;
    },
  };
}

class Run {
  readonly #plan: Plan;
  readonly #options: PlanRunOptions;
  readonly #folder: RunFolder;
  readonly #parts: RunParts;
  #watchdog: Watchdog | undefined;
  #stopSampler: (() => void) | undefined;

  constructor(plan: Plan, given: RunGiven) {
    this.#plan = plan;
    this.#options = given.options;
    this.#folder = given.folder;
    this.#parts = makeRunParts(plan, given);
  }

  async run(): Promise<RunResult> {
    const { state, ends, members, splits } = this.#parts;
    this.#begin();
    const unlisten = listenToSignals(this.#options, this.#parts);
    let result: RunResult;
    try {
      this.#options.onStarted?.(makeControl(this.#parts));
      await state.attempt(() => this.#play());
      state.throwBug();
      result = await settleRun(this.#plan, this.#parts);
      members?.finish({ isDone: result.state === "done" });
    } catch (error) {
      // A bug: nothing half-written is left.
      ends.finish({ isStopped: true, failed: new Set() });
      splits?.finish(() => false);
      throw error;
    } finally {
      unlisten();
      const opened = { folder: this.#folder, watchdog: this.#watchdog, stopSampler: this.#stopSampler };
      await letGo(this.#parts, opened);
    }
    state.throwBug();
    // What comes last, such as the end of the run in the database, may fail too.
    return state.failures.length === result.failures.length
      ? result
      : withLateFailures(result, state.failures);
  }

  /** Waits for whoever listens to the run. */
  settleEvents(): Promise<void> {
    return this.#parts.sink.settle();
  }

  #begin(): void {
    const { state, capture } = this.#parts;
    capture?.begin();
    state.emit({
      type: "run-started",
      run: state.id,
      flow: this.#plan.flow.name,
      actors: this.#plan.actors.map(({ name }) => name),
    });
  }

  /** Starts everything, and comes back when it has ended. */
  async #play(): Promise<void> {
    const parts = this.#parts;
    const { state, limits, relays, ends, inputFiles, kept, cached, capture, messages, wiring, unstarted } =
      parts;
    const { splits } = parts;
    limits?.startFlow(this.#plan.flow.timeoutMs);
    // First of all: when the runtime breaks as it starts a thread, somebody has to clear up.
    this.#watchdog = await startWatchdog(state.id, this.#folder);
    this.#folder.make(state.id);
    relays.start(listenToRelays(this.#plan, parts));
    if (!ends.open() || splits?.open() === false) return;
    ends.start();
    inputFiles?.start({ onFailure: (failure) => unstarted.failInput(failure) });
    kept?.start(relays);
    cached?.start(wiring.actors, { onFound: (run, bytes) => unstarted.endFound(run, bytes) });
    capture?.startSources();
    capture?.startCopies(relays);
    messages?.start();
    this.#stopSampler = this.#startSampler();
    await this.#loop();
  }

  #startSampler(): () => void {
    const { state, relays, roster, wiring, edgeSampler } = this.#parts;
    const runs = [...wiring.actors.values()].filter((run) => isProcess(run.actor));
    return startSampler(runs, {
      processes: () => roster.list(),
      onLook: () => {
        const sampled = edgeSampler?.look();
        if (sampled !== undefined) state.emit({ type: "edges", ...sampled });
      },
      relays,
      onProgress: this.#options.wantsProgress === true
        ? (actors) => state.emit({ type: "progress", actors })
        : undefined,
    });
  }

  async #loop(): Promise<void> {
    const { state, cached, queue, finish, wiring, messages, ends, held, splits } = this.#parts;
    for (;;) {
      state.beginLook();
      if (!state.isStopping) cached?.lookUp();
      await queue.startReady((run) => this.#start(run));
      finish.stopSources();
      if (state.isStopping) wiring.edges.abandonUnstarted();
      const canStart = !queue.isEmpty && !state.isStopping;
      const isQuiet = state.running === 0 && !canStart && (messages?.isDone ?? true);
      const areDone = ends.areOutputsDone && (splits?.areDone ?? true);
      if (isQuiet && areDone && await held.areFree()) return;
      if (state.isBroken || (state.isStopping && state.running === 0)) return;
      await state.whenChanged();
    }
  }

  async #start(run: ActorRun): Promise<void> {
    const { life, members, pools, queue } = this.#parts;
    if (run.actor.members !== undefined) members?.open(run);
    else if (run.actor.workers === undefined) await life.start(run);
    else pools?.open(run, queue.placesOf(run));
  }
}
