/**
 * Flows that are used with `retry`: when one of the actors of such a unit has failed, the others are ended, and all of
 * them are run again from their inputs.
 *
 *              ┌────────── a try is left ◀── all have ended ◀─┐
 *              ▼                                              │
 *   ─▶ running ── one has failed ──▶ failing ─────────────────┤
 *         │                                                   └─ none is left ──▶ settled: nothing is given on
 *         └── all have ended well ──▶ settled: what they have written is given on
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Failure } from "../../core/failure.ts";
import type { Unit } from "../../core/flow.ts";
import { isProcess } from "../../core/flow.ts";
import type { Edge, Plan } from "../../core/plan.ts";
import { leadsOut } from "../../graph/choose_carrier.ts";
import { nextTry } from "../../process/life/next_try.ts";
import type { ProcessRun } from "../../process/state/process_run.ts";
import type { ProcessStopper } from "../../process/stop/process_stopper.ts";
import { killLeft } from "../../process/stop/stop_processes.ts";
import type { RunCapture } from "../capture/run_capture.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import { listUnitNames } from "../relays/relay_setup.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { RunState } from "../state/run_state.ts";
import type { ActorEdges } from "../wiring/actor_edges.ts";
import type { InputFiles } from "../wiring/input_files.ts";
import type { StartQueue } from "./start_queue.ts";
import { UnitRun } from "./unit_run.ts";

interface UnitsContext {
  readonly state: RunState;
  readonly actors: ReadonlyMap<string, ActorRun>;
  readonly relays: Pick<RelayClient, "settleUnit" | "streams">;
  readonly queue: Pick<StartQueue, "add" | "remove">;
  readonly edges: Pick<ActorEdges, "abandon">;
  readonly inputFiles: Pick<InputFiles, "refill"> | undefined;
  readonly stopper: Pick<ProcessStopper, "stop">;
  readonly capture: Pick<RunCapture, "noteFinished"> | undefined;
}

export class Units {
  readonly #plan: Plan;
  readonly #context: UnitsContext;
  /** By their numbers in the relays. */
  readonly #units: readonly UnitRun[];
  readonly #byName: ReadonlyMap<string, UnitRun>;

  constructor(plan: Plan, context: UnitsContext) {
    this.#plan = plan;
    this.#context = context;
    const runs = [...context.actors.values()].filter(({ actor }) => isProcess(actor));
    this.#units = listUnitNames(plan).flatMap((name, id) => {
      const own = runs.filter(({ actor }) => actor.unit?.name === name);
      const unit = own[0]?.actor.unit;
      return unit === undefined ? [] : [new UnitRun(unit, { id, runs: own })];
    });
    this.#byName = new Map(this.#units.map((unit) => [unit.unit.name, unit]));
  }

  /** An actor is being started; gives true when that is in vain. */
  begin(run: ActorRun): void {
    this.#of(run)?.begin(run);
  }

  /** Its process runs; perhaps another one of its unit has failed meanwhile. */
  noteStarted(run: ActorRun): void {
    const { state, stopper } = this.#context;
    if (this.#of(run)?.isFailing === true) state.track(stopper.stop(run.process));
  }

  /** An actor has ended by itself, and all that it wrote was read. */
  noteWhole(run: ActorRun): void {
    this.#of(run)?.whole.add(run);
  }

  /** Gives true when what has become of an actor is only that of a try that is forgotten. `look` is to be called then. */
  end(run: ActorRun, failure: Failure | undefined): boolean {
    const unit = this.#of(run);
    if (unit === undefined) return false;
    unit.open.delete(run);
    const { state } = this.#context;
    if (state.isStopping || unit.state.is === "settled") return false;
    if (unit.state.is === "running" && failure !== undefined) {
      unit.state = { is: "failing", failure, delayMs: this.#delayOf(unit) };
      unit.resting.abort(); // Actors that have tries of their own.
      for (const { process } of unit.open) state.track(this.#context.stopper.stop(process));
    }
    const isForgotten = unit.state.is === "failing" && unit.state.delayMs !== undefined;
    if (isForgotten) run.process.state = { is: "resting", until: Date.now() };
    return isForgotten;
  }

  /** To be called when an actor has ended, and others know it. */
  look(run: ActorRun): void {
    const unit = this.#of(run);
    if (unit === undefined || unit.open.size > 0) return;
    if (unit.state.is === "settled") return;
    if (this.#context.state.isStopping) return this.#fail(unit);
    if (unit.state.is === "failing") {
      const { failure, delayMs } = unit.state;
      if (delayMs === undefined) return this.#fail(unit);
      return this.#context.state.track(this.#rest(unit, { failure, delayMs }));
    }
    if (!unit.runs.every(({ phase }) => phase.phase === "ended")) return;
    if (unit.runs.every(({ result }) => result.state === "done")) this.#release(unit);
    else this.#fail(unit);
  }

  /** False while its unit does not run. */
  mayStart(run: ActorRun): boolean {
    const unit = this.#of(run);
    return unit === undefined || unit.state.is === "running";
  }

  /** True for an actor whose failure would be, or is, only that of a try. */
  isTriedAgain({ actor }: Pick<ProcessRun, "actor">): boolean {
    const unit = this.#unitOf(actor.unit);
    if (unit === undefined || this.#context.state.isStopping || unit.state.is === "settled") return false;
    return unit.state.is === "failing" ? unit.state.delayMs !== undefined : this.#delayOf(unit) !== undefined;
  }

  /** True while other actors of its unit are ended because one has failed. */
  isFailing(run: ActorRun): boolean {
    return this.#of(run)?.isFailing === true;
  }

  /** Aborted when its unit has failed. */
  signalOf(run: ActorRun): AbortSignal | undefined {
    return this.#of(run)?.resting.signal;
  }

  /** The failure of an actor, with the try of its unit. */
  name(failure: Failure, run: ActorRun): Failure {
    const unit = this.#of(run);
    if (unit === undefined) return failure;
    const { unit: { name: actor, retry }, tries: { count } } = unit;
    return { ...failure, whole: { actor, attempt: count, attemptsMax: retry.max + 1 } };
  }

  /** How often its unit was run. */
  countTries(run: ActorRun): number | undefined {
    return this.#of(run)?.tries.count;
  }

  /** True while what comes over an edge may still be forgotten. */
  isWithheld(edge: Edge): boolean {
    if (!leadsOut(edge, this.#plan.flow.actors)) return false;
    const unit = this.#unitOf(this.#plan.flow.actors.get(edge.from.actor)?.unit);
    return unit !== undefined && unit.state.is !== "settled";
  }

  /** Everything is ready for another try. */
  noteRewound(id: number): void {
    this.#units[id]?.rewound.resolve();
  }

  /** Nobody is run again. */
  stop(): void {
    for (const unit of this.#units) {
      unit.resting.abort();
      unit.rewound.resolve();
      if (unit.state.is !== "settled" && unit.open.size === 0) this.#fail(unit);
    }
  }

  #of({ actor }: ActorRun): UnitRun | undefined {
    return this.#unitOf(actor.unit);
  }

  #unitOf(unit: Unit | undefined): UnitRun | undefined {
    return unit === undefined ? undefined : this.#byName.get(unit.name);
  }

  #delayOf({ unit, tries: { count, firstAt } }: UnitRun): number | undefined {
    const sinceFirstMs = Date.now() - firstAt;
    return nextTry(unit.retry, { attempt: count, sinceFirstMs, random: Math.random() });
  }

  #release(unit: UnitRun): void {
    const { relays, capture, state } = this.#context;
    unit.state = { is: "settled" };
    relays.settleUnit(unit.id, "released");
    for (const { actor } of unit.whole) capture?.noteFinished(actor.name);
    state.change();
  }

  #fail(unit: UnitRun): void {
    const { relays, queue, edges, state } = this.#context;
    unit.state = { is: "settled" };
    for (const run of unit.runs) {
      if (queue.remove(run.actor.name) !== undefined) edges.abandon(run);
      if (run.process.state.is === "resting") this.#endForgotten(run, unit);
    }
    relays.settleUnit(unit.id, "failed");
    state.change();
  }

  /** It has ended in a try after which there was to be another one. */
  #endForgotten(run: ActorRun, { tries }: UnitRun): void {
    const result = { state: "stopped", attempts: tries.count } as const;
    run.end(result);
    this.#context.state.emit({ type: "actor-ended", actor: run.actor.name, result });
  }

  async #rest(
    unit: UnitRun,
    { failure, delayMs }: { readonly failure: Failure; readonly delayMs: number },
  ): Promise<void> {
    const { state, relays } = this.#context;
    const { name: actor, retry } = unit.unit;
    // Of a try that is to be forgotten nothing is left.
    for (const pid of unit.pids) killLeft(pid);
    const attempt = unit.tries.count;
    state.emit({ type: "unit-retried", actor, attempt, attemptsMax: retry.max + 1, delayMs, failure });
    unit.rest();
    await sleep(delayMs, undefined, { signal: unit.resting.signal }).catch(() => undefined);
    if (!state.isStopping && relays.streams.length > 0) {
      relays.settleUnit(unit.id, "rewound");
      // What is told until then is of the try that is over.
      await unit.rewound.promise;
    }
    if (!state.isStopping) this.#startAgain(unit);
  }

  #startAgain(unit: UnitRun): void {
    const { state, queue, inputFiles } = this.#context;
    for (const run of unit.runs) {
      queue.remove(run.actor.name);
      run.begin();
      inputFiles?.refill(run);
      queue.add(run);
    }
    unit.state = { is: "running" };
    state.change();
  }
}
