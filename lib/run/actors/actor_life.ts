/**
 * The life of an actor that is a process: when its process has ended others are told, and it may be run again.
 *
 *   start ──▶ running ──exit──▶ verdict ──▶ ended
 *     ▲                            │ failed, and another try is left
 *     └───────── resting ◀─────────┘
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Failure, FullDisk } from "../../core/failure.ts";
import type { ActorResult } from "../../core/result.ts";
import { closeFile } from "../../host/descriptors/descriptors.ts";
import { nextTry } from "../../process/life/next_try.ts";
import { inheritedEnvironment, toCommand } from "../../process/start/process_command.ts";
import type { ProcessEnd, ProcessLife } from "../../process/life/process_life.ts";
import type { ProcessRun } from "../../process/state/process_run.ts";
import { readPosition } from "../../process/proc/process_table.ts";
import { killLeft } from "../../process/stop/stop_processes.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { CachedActors } from "../cache/cached_actors.ts";
import type { CachedMembers } from "../cache/cached_members.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { RunCapture } from "../capture/run_capture.ts";
import type { RunPools } from "./run_pools.ts";
import type { RunState } from "../state/run_state.ts";
import type { Units } from "./units.ts";
import type { Wiring } from "../wiring/wiring.ts";

interface LifeContext {
  readonly state: RunState;
  readonly lives: ProcessLife;
  readonly relays: RelayClient;
  readonly wiring: Wiring;
  readonly capture: RunCapture | undefined;
  readonly cached: CachedActors | undefined;
  /** Of members of streams. */
  readonly cachedMembers: CachedMembers | undefined;
  /** Undefined when no actor is several processes. */
  readonly pools: RunPools | undefined;
  /** Undefined when no flow that is used is run again as a whole. */
  readonly units: Units | undefined;
}

/** What was seen at the moment when a process had ended. */
interface AtEnd {
  /** All who read it had left. */
  readonly isAbandoned: boolean;
  readonly wasStopping: boolean;
  readonly bytesIn: number | undefined;
}

export class ActorLife {
  readonly #context: LifeContext;
  readonly #programs = new Map<string, string>();
  readonly #env: Readonly<Record<string, string>>;
  /** Aborted when nobody is run again. */
  readonly #resting = new AbortController();

  constructor(context: LifeContext) {
    this.#context = context;
    this.#env = inheritedEnvironment(context.state.id);
  }

  /** Nobody is run again. */
  stopResting(): void {
    this.#resting.abort();
  }

  async start(run: ActorRun): Promise<void> {
    const { state, lives, relays, wiring, units } = this.#context;
    const cached = this.#cachedOf(run);
    this.#context.cached?.openInputs(run);
    units?.begin(run);
    this.#takePlace(run);
    let seen: AtEnd = { isAbandoned: false, wasStopping: false, bytesIn: undefined };
    const failure = await lives.start(run.process, {
      wire: () => wiring.wire(run),
      toCommand: (wires) =>
        toCommand(run, { wires, base: this.#env, programs: this.#programs, trace: state.trace }),
      ...(cached === undefined ? {} : { wrap: (command) => cached.watch(run, command) }),
      onStarted: ({ pid, command }) => {
        const { name } = run.actor;
        if (run.copy === undefined) relays.noteStarted(name, { pid, pipes: run.process.open.pipes.keys() });
        state.emit({ type: "actor-started", actor: name, ...workerOf(run), pid, command });
      },
      haveReadersLeft: () => run.gate.haveAllReadersLeft(),
      letGo: ({ end, closedEarly }, { pid, haveReadersLeft, wasStopping }) => {
        seen = { isAbandoned: haveReadersLeft, wasStopping, bytesIn: this.#letGo(run) };
        // Of a try that is to be forgotten nothing is left.
        if (end === "failed" && this.#isTriedAgain(run)) killLeft(pid);
        // What it wrote before it failed still goes on: the failure may stop everything.
        const { retry, unit } = run.actor;
        const isGivenOn = (end !== "done" || closedEarly) && retry === undefined && unit === undefined;
        return isGivenOn ? run.streamsEnded : [];
      },
      onEnded: (end) => this.#end(run, { ...end, ...seen }),
    });
    if (failure !== undefined) this.#endUnstarted(run, failure);
    else units?.noteStarted(run);
  }

  #endUnstarted(run: ActorRun, failure: Failure): void {
    if (this.#tryAgain(run, { failure, pid: undefined })) return;
    if (this.#context.units?.end(run, failure) === true) {
      this.#freePlace(run);
      return this.#tellForgotten(run);
    }
    this.#context.wiring.edges.abandon(run);
    this.#cachedOf(run)?.fail(run);
    this.#freePlace(run);
    run.process.state = { is: "ended", status: undefined, reached: undefined };
    this.#conclude(run, { state: "failed", ...this.#attemptsOf(run) });
    this.#fail(run, failure);
    this.#tellEnded(run);
  }

  /** Its process has ended, and the rest of its stderr was read. */
  async #end(
    run: ActorRun,
    { pid, status, verdict: { end }, failure, result, isAbandoned, wasStopping, bytesIn }: ProcessEnd & AtEnd,
  ): Promise<void> {
    const { state, relays, wiring, capture, units } = this.#context;
    const cached = this.#cachedOf(run);
    if (failure !== undefined && this.#tryAgain(run, { failure, pid })) return;
    if (units?.end(run, failure) === true) {
      this.#freePlace(run);
      return this.#tellForgotten(run);
    }
    const { retry } = run.actor;
    if (retry !== undefined) wiring.edges.settle(run, { isWell: end === "done" });
    const { startedAt = 0, durationMs = 0 } = result;
    const notKept = end === "done" ? await cached?.keep(run, { startedAt, durationMs }) : undefined;
    const full = failure?.kind === "exit" ? await this.#findFull(run) : undefined;
    if (end !== "done") cached?.fail(run);
    this.#conclude(run, {
      ...result,
      ...this.#attemptsOf(run),
      ...(notKept === undefined ? {} : { notKept }),
      bytesIn,
      bytesOut: run.gate.countBytes(),
    });
    const isWhole = !isAbandoned && !wasStopping && status.signal === undefined;
    if (isWhole && run.actor.unit !== undefined) units?.noteWhole(run);
    else if (isWhole && run.copy === undefined) capture?.noteFinished(run.actor.name);
    if (run.copy === undefined) relays.noteEnded(run.actor.name);
    this.#freePlace(run);
    const { over } = run.process;
    const isTold = over?.limit === "time" && over.isTold;
    if (failure !== undefined && !isTold) {
      this.#fail(run, failure.kind === "exit" && full !== undefined ? { ...failure, full } : failure);
    }
    this.#tellEnded(run);
    state.change();
  }

  async #findFull(run: ActorRun): Promise<FullDisk | undefined> {
    const outFiles = this.#context.wiring.edges.filesWrittenBy(run.actor.name);
    const cacheFolder = this.#cachedOf(run)?.store.folder;
    const { findFull } = await import("./find_full.ts");
    return findFull(run, { outFiles, cacheFolder });
  }

  #fail(run: ActorRun, failure: Failure): void {
    const { state, units } = this.#context;
    state.fail(units?.name(failure, run) ?? failure);
  }

  #conclude(run: ActorRun, result: ActorResult): void {
    run.end(result);
    if (run.copy !== undefined) this.#context.pools?.endCopy(run, run.copy);
  }

  /** Others see that it has ended; what it had open is closed. Gives the bytes that it was given. */
  #letGo(run: ActorRun): number | undefined {
    for (const { pipe } of run.pipesOut) pipe.writerEnded();
    for (const { pipe, writer } of run.pipesIn) writer.gate.lose(pipe);
    const bytesIn = run.countBytesIn({
      ofEdges: (edges) => this.#context.relays.countGiven(edges),
      ofFile: readPosition,
    });
    for (const feed of run.feeds) if (feed.kind === "file") closeFile(feed.fd);
    return bytesIn;
  }

  /** Runs a failed actor again after a while, if it may be. It keeps its place among the processes meanwhile. */
  #tryAgain(
    run: ActorRun,
    { failure, pid }: { readonly failure: Failure; readonly pid: number | undefined },
  ): boolean {
    const { state, relays, wiring } = this.#context;
    const delayMs = delayOf(run.process, state);
    if (delayMs === undefined) return false;
    const { name, retry } = run.actor;
    run.process.state = { is: "resting", until: Date.now() + delayMs };
    if (run.copy === undefined) relays.noteEnded(name);
    else {
      const { pool, index: copy, member } = run.copy;
      relays.endCopy(pool, {
        copy,
        pid,
        how: "again",
        ...(member === undefined ? {} : { outs: member.outs }),
      });
    }
    wiring.edges.rewind(run);
    this.#cachedOf(run)?.drop(run);
    const attemptsMax = (retry?.max ?? 0) + 1;
    state.emit({
      type: "actor-retried",
      actor: name,
      ...workerOf(run),
      attempt: run.process.tries.count,
      attemptsMax,
      delayMs,
      failure,
    });
    state.track(this.#restart(run, delayMs));
    return true;
  }

  async #restart(run: ActorRun, delayMs: number): Promise<void> {
    const { state, wiring, units } = this.#context;
    const signals = [this.#resting.signal, units?.signalOf(run) ?? this.#resting.signal];
    await sleep(delayMs, undefined, { signal: AbortSignal.any(signals) }).catch(() => undefined);
    this.#freePlace(run); // Starting takes it again, before anybody else can.
    if (!state.isStopping && units?.isFailing(run) !== true) return await this.start(run);
    if (units?.end(run, undefined) === true) return this.#tellForgotten(run);
    wiring.edges.abandon(run);
    wiring.edges.settle(run, { isWell: false });
    this.#cachedOf(run)?.fail(run);
    this.#conclude(run, { state: "stopped", ...this.#attemptsOf(run) });
    this.#tellEnded(run);
    state.change();
  }

  #cachedOf({ copy }: ActorRun): CachedActors | CachedMembers | undefined {
    const { cached, cachedMembers } = this.#context;
    return copy?.member === undefined ? cached : cachedMembers;
  }

  /** An actor with workers has taken all of its places at once. */
  #takePlace(run: ActorRun): void {
    if (run.copy === undefined) this.#context.state.takePlaces(1);
  }

  #freePlace(run: ActorRun): void {
    if (run.copy === undefined) this.#context.state.freePlaces(1);
  }

  #tellEnded(run: ActorRun): void {
    const { actor: { name }, copy, result } = run;
    const { state } = this.#context;
    if (copy?.slot === undefined) state.emit({ type: "actor-ended", actor: name, result });
    else state.emit({ type: "worker-ended", actor: name, worker: copy.slot, result });
    this.#context.units?.look(run);
  }

  /** It has ended in a try of its unit that is forgotten: nobody is told what has become of it. */
  #tellForgotten(run: ActorRun): void {
    const { state, relays, units } = this.#context;
    relays.noteEnded(run.actor.name);
    units?.look(run);
    state.change();
  }

  /** True for one whose failure is no more than that of a try. */
  #isTriedAgain({ process }: ActorRun): boolean {
    const { state, units } = this.#context;
    return delayOf(process, state) !== undefined || units?.isTriedAgain(process) === true;
  }

  /** How often it was run, where that is worth telling. */
  #attemptsOf(run: ActorRun): { readonly attempts?: number } {
    if (run.actor.retry !== undefined) return { attempts: run.process.tries.count };
    const attempts = this.#context.units?.countTries(run);
    return attempts === undefined ? {} : { attempts };
  }
}

/** The wait before another try of a process; undefined when there is none. */
export function delayOf(
  { actor: { retry }, tries: { count, firstAt } }: ProcessRun,
  { isStopping }: Pick<RunState, "isStopping">,
): number | undefined {
  if (isStopping) return undefined;
  return nextTry(retry, { attempt: count, sinceFirstMs: Date.now() - firstAt, random: Math.random() });
}

function workerOf({ copy }: ActorRun): { readonly worker?: number } {
  return copy?.slot === undefined ? {} : { worker: copy.slot };
}
