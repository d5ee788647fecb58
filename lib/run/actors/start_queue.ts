/**
 * The process actors that have not started, and when each may.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Actor } from "../../core/flow.ts";
import { isMessageActor, isProcess } from "../../core/flow.ts";
import { STARTS_PER_TURN } from "../../core/limits/process.ts";
import type { Edge, Plan } from "../../core/plan.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { CachedActors } from "../cache/cached_actors.ts";
import type { InputFiles } from "../wiring/input_files.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { RunState } from "../state/run_state.ts";

/** Flows that are run again as a whole, as far as starting goes. */
export interface UnitGate {
  readonly mayStart: (run: ActorRun) => boolean;
  readonly isWithheld: (edge: Edge) => boolean;
}

export interface StartContext {
  readonly state: Pick<RunState, "isStopping" | "running">;
  /** How many of those that run take no place. */
  readonly countUnplaced: () => number;
  readonly relays: Pick<RelayClient, "hasBegun" | "hasCaughtUp">;
  readonly inputFiles: Pick<InputFiles, "areComplete"> | undefined;
  readonly cached: Pick<CachedActors, "isReady"> | undefined;
  /** Undefined when no flow that is used is run again. */
  readonly units?: () => UnitGate | undefined;
  /** Every actor of the run by name. */
  readonly actors: ReadonlyMap<string, ActorRun>;
}

export class StartQueue {
  readonly #plan: Plan;
  readonly #context: StartContext;
  /** In start order. */
  readonly #waiting: ActorRun[];
  readonly #order: readonly ActorRun[];

  constructor(plan: Plan, context: StartContext) {
    this.#plan = plan;
    this.#context = context;
    this.#order = [...context.actors.values()].filter(({ actor }) =>
      isProcess(actor) && !isMessageActor(actor) && (actor.members === undefined || leads(actor, plan))
    );
    this.#waiting = [...this.#order];
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Takes out an actor that is not to be started; undefined when it does not wait. */
  remove(actor: string): ActorRun | undefined {
    const at = this.#waiting.findIndex((run) => run.actor.name === actor);
    return at === -1 ? undefined : this.#waiting.splice(at, 1)[0];
  }

  /** An actor that has been started is to be started again. */
  add(run: ActorRun): void {
    const place = this.#order.indexOf(run);
    const at = this.#waiting.findIndex((other) => this.#order.indexOf(other) > place);
    this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, run);
  }

  /** Starts every actor that may start, in plan order, and lets others be heard in between. */
  async startReady(start: (run: ActorRun) => Promise<void>): Promise<void> {
    const { state, relays } = this.#context;
    let started = 0;
    const { processes = Infinity } = this.#plan;
    for (let at = 0; at < this.#waiting.length && !state.isStopping;) {
      // What has ended has its pipes open until then, and the next ones need some.
      if (!relays.hasCaughtUp) return;
      const run = this.#waiting[at];
      const places = this.placesOf(run);
      if (places > 0 && state.running - this.#context.countUnplaced() + places > processes) return;
      if (run === undefined || !this.#isReady(run)) {
        at += 1;
        continue;
      }
      this.#waiting.splice(at, 1);
      await start(run);
      started += 1;
      if (started % STARTS_PER_TURN === 0) await nextTurn();
    }
  }

  /** How many processes the actor is: all of its workers have a place at once. */
  placesOf(run: ActorRun | undefined): number {
    if (run?.actor.members !== undefined) return 0; // They have places of their own.
    return Math.min(run?.actor.workers?.count ?? 1, this.#plan.processes ?? Infinity);
  }

  /** The first seed's rule for a lazy start: each input has written something or ended. Files have to be complete. */
  #isReady(run: ActorRun): boolean {
    const { inputFiles, cached } = this.#context;
    if (cached?.isReady(run) === false || this.#isHeld(run)) return false;
    if (inputFiles !== undefined && !this.#poolOf(run).every((one) => inputFiles.areComplete(one))) {
      return false;
    }
    return this.#hasBegun(run) && this.#haveWritersStarted(run);
  }

  /**
   * True while its unit is not run. What another unit withholds it has no use for: it would have a place that this one
   * may need.
   */
  #isHeld(run: ActorRun): boolean {
    const units = this.#context.units?.();
    if (units === undefined) return false;
    const isPatient = this.#plan.start === "lazy" || this.#plan.processes !== undefined;
    return !units.mayStart(run) || (isPatient && run.relayedIn.some((edge) => units.isWithheld(edge)));
  }

  /** All of a pool of members, or the actor alone. */
  #poolOf(run: ActorRun): readonly ActorRun[] {
    if (run.actor.members === undefined) return [run];
    const pool = this.#plan.memberPools.find(({ actors }) => actors[0]?.name === run.actor.name);
    return pool?.actors.flatMap(({ name }) => this.#context.actors.get(name) ?? []) ?? [run];
  }

  #hasBegun(run: ActorRun): boolean {
    // What a cached actor reads is complete when it is known that it is to be run.
    return this.#plan.start === "eager" || run.actor.isCached === true ||
      run.relayedIn.every((edge) => this.#context.relays.hasBegun(edge));
  }

  /** When places are few, nobody takes one before those that he would wait for. */
  #haveWritersStarted({ relayedIn }: ActorRun): boolean {
    if (this.#plan.processes === undefined) return true;
    return relayedIn.every(({ from }) => {
      const writer = this.#context.actors.get(from.actor);
      return writer === undefined || !isProcess(writer.actor) || writer.phase.phase !== "single" ||
        writer.process.state.is !== "waiting";
    });
  }
}

/** True for the actor by which a pool of members goes. */
function leads({ name }: Actor, { memberPools }: Plan): boolean {
  return memberPools.some(({ actors }) => actors[0]?.name === name);
}
