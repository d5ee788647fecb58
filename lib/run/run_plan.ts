/**
 * One run of a plan: the single place where decisions meet. Callbacks only record; one loop starts what may start,
 * stops what has to stop and sees when everything has ended.
 *
 *   start outputs, sources ─▶ loop: start actors ─▶ all ended ─▶ sweep ─▶ put outputs in place ─▶ result
 *                                     │ failure, signal
 *                                     └─▶ stopping: SIGTERM, after grace SIGKILL
 */
import { randomUUID } from "node:crypto";
import { constants } from "node:os";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { RunEventBody } from "../core/event.ts";
import type { Deadlock, Failure } from "../core/failure.ts";
import { isProcess, streamName } from "../core/flow.ts";
import {
  MEMORY_BYTES,
  SPILL_SHARE,
  STARTS_PER_TURN,
  STDERR_DRAIN_MS,
  STDERR_LAST_LINES,
} from "../core/limits.ts";
import type { Edge, Plan } from "../core/plan.ts";
import { nameTarget } from "../core/plan.ts";
import type { ActorResult, OutputResult, RunResult } from "../core/result.ts";
import { closeFile } from "../host/descriptors.ts";
import { spawnProcess } from "../host/spawn.ts";
import type { ExitStatus } from "../host/spawned_process.ts";
import { readPosition } from "../process/process_table.ts";
import type { RunFolder } from "../process/run_folder.ts";
import { makeRunFolder } from "../process/run_folder.ts";
import { signalGroup, sweepMarked } from "../process/stop_processes.ts";
import type { Watchdog } from "../process/watchdog.ts";
import { startWatchdog } from "../process/watchdog.ts";
import { inheritedEnvironment, toCommand } from "./actor_command.ts";
import { failureOf } from "./actor_failure.ts";
import { listActivities, namePipes } from "./activities.ts";
import type { ActorRun, WorkerPlace } from "./actor_run.ts";
import type { DeadlineHooks } from "./deadlines.ts";
import { Deadlines } from "./deadlines.ts";
import type { Growth } from "./deadlock_watch.ts";
import { exitCodeOf } from "./exit_code.ts";
import { FlowEnds } from "./flow_ends.ts";
import { InputFiles } from "./input_files.ts";
import { nextTry } from "./next_try.ts";
import { LimitSetter } from "./limit_setter.ts";
import { LimitWatch } from "./limit_watch.ts";
import { PooledActor } from "./pooled_actor.ts";
import type { PlanRunOptions } from "./run_options.ts";
import { reachedLimit } from "./reached_limit.ts";
import { RelayClient } from "./relay_client.ts";
import type { captureRun, RunCapture } from "./run_capture.ts";
import { startSampler } from "./sampler.ts";
import { ActorStopper } from "./stop_actors.ts";
import { describeSystemError } from "./system_error.ts";
import { Wiring } from "./wiring.ts";

/** Runs a plan whose preflight found nothing. Whatever goes wrong in the run is in the result; a rejection is a bug. */
export async function runPlan(plan: Plan, options: PlanRunOptions = {}): Promise<RunResult> {
  // Loaded only when it is needed.
  const makeCapture = options.capture === undefined
    ? undefined
    : (await import("./run_capture.ts")).captureRun;
  const folder = makeRunFolder();
  try {
    return await new Run(plan, { options, folder, makeCapture }).run();
  } finally {
    folder.remove();
  }
}

type Stopping = { readonly reason: "failure" | "signal" | "abort"; readonly signal?: string };

class Run {
  readonly #id = randomUUID();
  readonly #startedAt = Date.now();
  readonly #plan: Plan;
  readonly #options: PlanRunOptions;
  readonly #folder: RunFolder;
  readonly #relays: RelayClient;
  readonly #inputFiles: InputFiles;
  readonly #ends: FlowEnds;
  readonly #capture: RunCapture | undefined;
  readonly #wiring: Wiring;
  readonly #stopper: ActorStopper;
  readonly #limits: { readonly memory: number; readonly spill: number };
  readonly #deadlines = new Deadlines({ onReached: (reached) => this.#failForTime(reached) });
  readonly #limitSetter = new LimitSetter();
  readonly #limitWatch = new LimitWatch({ onOverMemory: (run) => this.#stopper.kill(run) });
  readonly #programs = new Map<string, string>();
  readonly #failures: Failure[] = [];
  readonly #env: Readonly<Record<string, string>>;
  /** Process actors that have not started, in start order. */
  readonly #waiting: ActorRun[];
  /** The running actors with workers, by their numbers in the relays. */
  readonly #pools = new Map<number, PooledActor>();
  readonly #endings = new Set<Promise<void>>();
  /** Processes that have a place: those that run, and those that rest before another try. */
  #running = 0;
  /** Aborted when nobody is run again. */
  readonly #resting = new AbortController();
  #stopping: Stopping | undefined;
  #bug: { readonly error: unknown } | undefined;
  #hasChanged = false;
  #wake: (() => void) | undefined;

  constructor(
    plan: Plan,
    { options, folder, makeCapture }: {
      readonly options: PlanRunOptions;
      readonly folder: RunFolder;
      readonly makeCapture: typeof captureRun | undefined;
    },
  ) {
    this.#plan = plan;
    this.#options = options;
    this.#folder = folder;
    this.#env = inheritedEnvironment(this.#id);
    this.#limits = {
      memory: plan.flow.limits.memoryBytes ?? MEMORY_BYTES,
      spill: plan.flow.limits.spillBytes ?? folder.freeBytes() * SPILL_SHARE,
    };
    this.#relays = new RelayClient(plan, {
      folder: folder.path,
      memoryBytes: this.#limits.memory,
      spillBytes: this.#limits.spill,
      hasPlaces: plan.processes !== undefined,
      hooks: {
        onBegun: () => this.#change(),
        onStreamEnded: (stream, { error, isWhole }) => {
          const [edge] = stream.edges;
          if (isWhole && edge !== undefined) this.#capture?.noteWhole(edge.from);
          this.#ends.endSource(stream, error);
        },
        onLost: (stream) => {
          this.#wiring.lose(stream);
          this.#ends.lose(stream);
        },
        onJoinEnded: (joined, error) => {
          this.#inputFiles.end(joined, error);
          this.#ends.endOutput(joined, error);
        },
        onCopyWanted: (pool, copy) => this.#startCopy(pool, copy),
        onPoolEnded: (pool) => this.#endPool(pool),
        onGrown: (edge, growth) => this.#tellGrown(edge, growth),
        onDeadlock: (deadlock) => this.#failForDeadlock(deadlock),
        onError: (error) => this.#reportBug(error),
      },
    });
    this.#inputFiles = new InputFiles(this.#relays, {
      folder: folder.path,
      onChange: () => this.#change(),
      onFailure: (failure) => this.#failForInput(failure),
    });
    this.#capture = makeCapture?.(plan, {
      options,
      uuid: this.#id,
      startedAt: this.#startedAt,
      onFailed: (failure) => this.#noteFailure(failure),
      onError: (error) => this.#reportBug(error),
    });
    this.#ends = new FlowEnds(plan, {
      relays: this.#relays,
      options,
      run: this.#id,
      folder,
      capture: this.#capture,
      onFailure: (failure) => this.#fail(failure),
      onChange: () => this.#change(),
    });
    this.#wiring = new Wiring(plan, {
      relays: this.#relays,
      outputs: this.#ends.files,
      inputFiles: this.#inputFiles,
      capture: this.#capture,
      hooks: { onStderrLine: (run, line) => this.#tellLine(run, line) },
    });
    this.#stopper = new ActorStopper(this.#id, {
      graceMs: plan.flow.graceMs,
      actors: () => this.#processes(),
    });
    this.#waiting = [...this.#wiring.actors.values()].filter((run) => isProcess(run.actor));
  }

  async run(): Promise<RunResult> {
    const { flow } = this.#plan;
    this.#emit({
      type: "run-started",
      run: this.#id,
      flow: flow.name,
      actors: this.#plan.actors.map(({ name }) => name),
    });
    const unlisten = this.#listenToSignals();
    this.#relays.start();
    let watchdog: Watchdog | undefined;
    let stopSampler: (() => void) | undefined;
    try {
      this.#deadlines.startFlow(this.#plan.flow.timeoutMs);
      if (this.#waiting.length > 0) watchdog = await startWatchdog(this.#id, this.#folder);
      if (this.#ends.open()) {
        this.#ends.start();
        this.#inputFiles.start();
        this.#capture?.startSources();
        const { wantsProgress } = this.#options;
        const runs = [...this.#wiring.actors.values()].filter((run) => isProcess(run.actor));
        stopSampler = startSampler(
          runs,
          {
            processes: () => this.#processes(),
            relays: this.#relays,
            onProgress: wantsProgress === true
              ? (actors) => this.#emit({ type: "progress", actors })
              : undefined,
          },
        );
        await this.#loop();
      }
      await Promise.all(this.#endings);
      if (watchdog !== undefined) await sweepMarked(this.#id, flow.graceMs);
      await this.#ends.settle({ isHurried: this.#stopping?.reason === "signal", graceMs: flow.graceMs });
      await this.#drainCaptured();
      // What the thread still has to tell is part of the run.
      await this.#relays.stop();
      await this.#capture?.settle({ isStopped: this.#stopping !== undefined });
      return await this.#close(this.#finish());
    } catch (error) {
      // A bug: nothing half-written is left.
      this.#ends.finish({ isStopped: true, failed: new Set() });
      throw error;
    } finally {
      stopSampler?.();
      this.#deadlines.stop();
      this.#limitWatch.stop();
      this.#wiring.close();
      this.#inputFiles.close();
      unlisten();
      await this.#relays.stop();
      await this.#capture?.close();
      // A bug must not leave processes either.
      if (this.#running > 0) await sweepMarked(this.#id, 0);
      await watchdog?.dismiss();
    }
  }

  /** Everything that may be a process now: actors, and the workers of actors. */
  #processes(): readonly ActorRun[] {
    const runs = [...this.#wiring.actors.values()];
    for (const { live } of this.#pools.values()) runs.push(...live);
    return runs;
  }

  async #loop(): Promise<void> {
    for (;;) {
      this.#hasChanged = false;
      if (this.#bug !== undefined) throw this.#bug.error;
      await this.#startReady();
      if (this.#stopping !== undefined) this.#wiring.abandonUnstarted();
      const canStart = this.#waiting.length > 0 && this.#stopping === undefined;
      if (this.#running === 0 && !canStart && (this.#ends.areOutputsDone || this.#stopping !== undefined)) {
        return;
      }
      if (!this.#hasChanged) await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Starts every actor that may start, in plan order, and lets others be heard in between. */
  async #startReady(): Promise<void> {
    let started = 0;
    const { processes = Infinity } = this.#plan;
    for (let at = 0; at < this.#waiting.length && this.#stopping === undefined;) {
      const run = this.#waiting[at];
      if (this.#running + this.#placesOf(run) > processes) return;
      if (run === undefined || !this.#isReady(run)) {
        at += 1;
        continue;
      }
      this.#waiting.splice(at, 1);
      if (run.actor.workers === undefined) await this.#start(run);
      else this.#startPool(run);
      started += 1;
      if (started % STARTS_PER_TURN === 0) await nextTurn();
    }
  }

  /** The first seed's rule for a lazy start: each input has written something or ended. Files have to be complete. */
  #isReady(run: ActorRun): boolean {
    return this.#inputFiles.areComplete(run) && this.#hasBegun(run) && this.#haveWritersStarted(run);
  }

  /** When places are few, nobody takes one before those that he would wait for. */
  #haveWritersStarted({ relayedIn }: ActorRun): boolean {
    if (this.#plan.processes === undefined) return true;
    return relayedIn.every(({ from }) => {
      const writer = this.#wiring.actors.get(from.actor);
      return writer === undefined || !isProcess(writer.actor) || writer.phase.phase !== "waiting";
    });
  }

  #hasBegun(run: ActorRun): boolean {
    return this.#plan.start === "eager" || run.relayedIn.every((edge) => this.#relays.hasBegun(edge));
  }

  /** How many processes the actor is: all of its workers have a place at once. */
  #placesOf(run: ActorRun | undefined): number {
    return Math.min(run?.actor.workers?.count ?? 1, this.#plan.processes ?? Infinity);
  }

  /** Begins to share out the input of an actor; its processes are started as the relays want them. */
  #startPool(run: ActorRun): void {
    const pool = new PooledActor(run, {
      id: this.#relays.poolOf(run.actor.name),
      places: this.#placesOf(run),
    });
    this.#pools.set(pool.id, pool);
    this.#running += pool.places;
    run.phase = { phase: "pooled", startedAt: Date.now() };
    this.#wiring.openPool(run);
    this.#relays.openPool(pool.id);
  }

  #startCopy(id: number, index: number): void {
    const pool = this.#pools.get(id);
    if (pool === undefined) return;
    if (this.#stopping !== undefined) {
      return this.#relays.endCopy(id, { copy: index, pid: undefined, how: "failed" });
    }
    this.#track(this.#start(pool.add(index)));
  }

  /** A worker has ended for good, or could not be started. */
  #endCopy(run: ActorRun, { pool, index }: WorkerPlace): void {
    if (run.phase.phase !== "ended") return;
    const { result } = run.phase;
    pool.remove(run);
    const how = result.state === "done" ? "well" : "failed";
    this.#relays.endCopy(pool.id, { copy: index, pid: result.pid, how });
    if (how === "failed") {
      pool.hasFailed ||= result.state === "failed";
      this.#wiring.closePool(pool.run);
    }
  }

  /** All input was shared out, and no process is left. */
  #endPool(id: number): void {
    const pool = this.#pools.get(id);
    if (pool?.run.phase.phase !== "pooled") return;
    const { run } = pool;
    const { startedAt } = pool.run.phase;
    const endedAt = Date.now();
    const state = pool.hasFailed ? "failed" : this.#stopping === undefined ? "done" : "stopped";
    const result: ActorResult = {
      state,
      processes: pool.started,
      ...(state === "done" && run.gate.haveAllReadersLeft() ? { closedEarly: true } : {}),
      startedAt,
      endedAt,
      durationMs: endedAt - startedAt,
      bytesIn: run.countBytesIn({ ofEdges: (edges) => this.#relays.countGiven(edges), ofFile: readPosition }),
      bytesOut: run.gate.countBytes(),
      peakMemoryBytes: run.peakMemoryBytes,
    };
    run.phase = { phase: "ended", result };
    this.#pools.delete(id);
    this.#running -= pool.places;
    this.#relays.noteEnded(run.actor.name);
    this.#emit({ type: "actor-ended", actor: run.actor.name, result });
    this.#change();
  }

  async #start(run: ActorRun): Promise<void> {
    const { actor } = run;
    const startedAt = Date.now();
    run.attempt += 1;
    if (run.attempt === 1) run.firstStartedAt = startedAt;
    this.#count(run, 1);
    let shown: readonly string[] = [];
    let undo: (() => void) | undefined;
    try {
      const wires = this.#wiring.wire(run);
      undo = wires.notStarted;
      const command = toCommand(run, { wires, base: this.#env, programs: this.#programs });
      shown = command.shown;
      const limited = await this.#limitSetter.wrap(command, actor.limits);
      const { pid, exited } = await spawnProcess({ ...limited, cwd: actor.cwd, fds: wires.fds });
      undo = undefined;
      this.#folder.noteGroup("+", pid);
      // Asked now: the engine closes its copies when the actor has started.
      namePipes(run, wires);
      if (run.copy === undefined) this.#relays.noteStarted(actor.name, { pid, pipes: run.pipes.keys() });
      run.phase = { phase: "running", pid, startedAt, command: shown };
      wires.started();
      this.#emit({ type: "actor-started", actor: actor.name, ...workerOf(run), pid, command: shown });
      this.#deadlines.startActor(run);
      this.#limitWatch.startActor(run);
      if (this.#stopping !== undefined) signalGroup(pid, "SIGTERM");
      this.#track(exited.then((status) => this.#end(run, status)));
    } catch (error) {
      undo?.();
      if (undo === undefined && run.phase.phase === "running") throw error;
      this.#endUnstarted(run, { shown, error });
    }
  }

  #endUnstarted(
    run: ActorRun,
    { shown, error }: { readonly shown: readonly string[]; readonly error: unknown },
  ): void {
    const { errno, reason } = describeSystemError(error);
    const failure: Failure = { kind: "spawn", actor: run.actor.name, command: shown, errno, reason };
    if (this.#tryAgain(run, failure)) return;
    this.#wiring.abandon(run);
    this.#count(run, -1);
    const result: ActorResult = { state: "failed", ...attemptsOf(run) };
    run.phase = { phase: "ended", result };
    if (run.copy !== undefined) this.#endCopy(run, run.copy);
    this.#fail(failure);
    this.#tellEnded(run, result);
  }

  /** Counts places; an actor with workers has taken all of them at once. */
  #count(run: ActorRun, change: 1 | -1): void {
    if (run.copy === undefined) this.#running += change;
  }

  #tellEnded(run: ActorRun, result: ActorResult): void {
    const { name } = run.actor;
    if (run.copy === undefined) this.#emit({ type: "actor-ended", actor: name, result });
    else this.#emit({ type: "worker-ended", actor: name, worker: run.copy.slot, result });
  }

  /** Runs a failed actor again after a while, if it may be. It keeps its place among the processes meanwhile. */
  #tryAgain(run: ActorRun, failure: Failure): boolean {
    const delayMs = this.#delayOf(run);
    if (delayMs === undefined) return false;
    const { name, retry } = run.actor;
    const pid = run.phase.phase === "running" ? run.phase.pid : undefined;
    if (pid !== undefined) signalGroup(pid, "SIGKILL"); // What it has left behind.
    run.phase = { phase: "resting" };
    if (run.copy === undefined) this.#relays.noteEnded(name);
    else this.#relays.endCopy(run.copy.pool.id, { copy: run.copy.index, pid, how: "again" });
    this.#wiring.rewind(run);
    const attemptsMax = (retry?.max ?? 0) + 1;
    this.#emit({
      type: "actor-retried",
      actor: name,
      ...workerOf(run),
      attempt: run.attempt,
      attemptsMax,
      delayMs,
      failure,
    });
    this.#track(this.#restart(run, delayMs));
    return true;
  }

  /** The wait before another try; undefined when there is none. */
  #delayOf({ actor: { retry }, attempt, firstStartedAt }: ActorRun): number | undefined {
    if (this.#stopping !== undefined) return undefined;
    return nextTry(retry, { attempt, sinceFirstMs: Date.now() - firstStartedAt, random: Math.random() });
  }

  async #restart(run: ActorRun, delayMs: number): Promise<void> {
    await sleep(delayMs, undefined, { signal: this.#resting.signal }).catch(() => undefined);
    this.#count(run, -1); // Starting takes it again, before anybody else can.
    if (this.#stopping === undefined) return await this.#start(run);
    this.#wiring.abandon(run);
    this.#wiring.settle(run, { isWell: false });
    const result: ActorResult = { state: "stopped", ...attemptsOf(run) };
    run.phase = { phase: "ended", result };
    if (run.copy !== undefined) this.#endCopy(run, run.copy);
    this.#tellEnded(run, result);
    this.#change();
  }

  /** A process has ended. First what others wait for, then the rest of its stderr, then the verdict. */
  async #end(run: ActorRun, status: ExitStatus): Promise<void> {
    if (run.phase.phase !== "running") return;
    const { pid, startedAt, command } = run.phase;
    this.#deadlines.endActor(run);
    this.#limitWatch.endActor(run);
    run.lookAtStderr();
    const wasStopping = this.#stopping !== undefined;
    const reached = reachedLimit(run, { status, wasStopping });
    const isOk = reached === undefined && status.code !== undefined && run.actor.ok.includes(status.code);
    const isAbandoned = run.gate.haveAllReadersLeft();
    const closedEarly = !isOk && reached === undefined && isAbandoned;
    for (const { pipe } of run.pipesOut) pipe.writerEnded();
    for (const { pipe, writer } of run.pipesIn) writer.gate.lose(pipe);
    const bytesIn = run.countBytesIn({
      ofEdges: (edges) => this.#relays.countGiven(edges),
      ofFile: readPosition,
    });
    for (const feed of run.feeds) if (feed.kind === "file") closeFile(feed.fd);
    this.#folder.noteGroup("-", pid);
    // What it wrote before it failed still goes on: the failure may stop everything.
    const isGivenOn = !isOk && run.actor.retry === undefined;
    await waitFor(Promise.all([run.stderrEnded, ...isGivenOn ? run.streamsEnded : []]), STDERR_DRAIN_MS);
    const endedAt = Date.now();
    const isHalted = wasStopping && run.overTime === undefined && reached === undefined;
    const state = isOk || closedEarly ? "done" : isHalted ? "stopped" : "failed";
    const failure = failureOf(run, { status, command, reached });
    if (state === "failed" && this.#tryAgain(run, failure)) return;
    if (run.actor.retry !== undefined) this.#wiring.settle(run, { isWell: state === "done" });
    const result: ActorResult = {
      state,
      pid,
      ...(status.signal === undefined ? { exitCode: status.code ?? 1 } : { signal: status.signal }),
      ...(closedEarly ? { closedEarly } : {}),
      ...attemptsOf(run),
      startedAt,
      endedAt,
      durationMs: endedAt - startedAt,
      bytesIn,
      bytesOut: run.gate.countBytes(),
      peakMemoryBytes: run.peakMemoryBytes,
    };
    run.phase = { phase: "ended", result };
    if (!isAbandoned && !wasStopping && status.signal === undefined && run.copy === undefined) {
      this.#capture?.noteFinished(run.actor.name);
    }
    if (run.copy === undefined) this.#relays.noteEnded(run.actor.name);
    else this.#endCopy(run, run.copy);
    this.#count(run, -1);
    if (state === "failed" && run.overTime?.isTold !== true) this.#fail(failure);
    this.#tellEnded(run, result);
    this.#change();
  }

  /** All processes have ended: what is captured is read to the end, also where no reader is left. */
  async #drainCaptured(): Promise<void> {
    if (this.#capture === undefined) return;
    const streams = [...this.#wiring.actors.values()].flatMap((run) => run.streamsEnded);
    await waitFor(Promise.all(streams), this.#plan.flow.graceMs);
  }

  /** The last of a run, its end, goes into the database too, and may find no room there. */
  async #close(result: RunResult): Promise<RunResult> {
    const count = this.#failures.length;
    await this.#capture?.close();
    if (this.#failures.length === count || result.state !== "done") return result;
    const exitCode = exitCodeOf("failed", { failures: this.#failures });
    return { ...result, state: "failed", exitCode, failures: this.#failures };
  }

  /** A failure that is no reason to stop. */
  #noteFailure(failure: Failure): void {
    this.#failures.push(failure);
    this.#emit({ type: "failure", failure });
  }

  #fail(failure: Failure): void {
    this.#noteFailure(failure);
    if (this.#plan.flow.onFailure === "stop") this.#stop({ reason: "failure" });
    this.#change();
  }

  #stop(stopping: Stopping): void {
    if (this.#stopping !== undefined) return;
    this.#stopping = stopping;
    this.#resting.abort();
    this.#emit({ type: "stopping", ...stopping });
    for (const { run } of this.#pools.values()) this.#wiring.closePool(run);
    this.#track(this.#stopper.stopAll());
    this.#ends.closeSources();
    this.#change();
  }

  #listenToSignals(): () => void {
    const { signal, killSignal } = this.#options;
    const onAbort = (): void => {
      const name = typeof signal?.reason === "string" && signal.reason in constants.signals
        ? signal.reason
        : undefined;
      this.#stop(name === undefined ? { reason: "abort" } : { reason: "signal", signal: name });
    };
    const onKill = (): void => {
      onAbort();
      this.#stopper.killAll();
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    killSignal?.addEventListener("abort", onKill, { once: true });
    if (signal?.aborted === true) onAbort();
    return () => {
      signal?.removeEventListener("abort", onAbort);
      killSignal?.removeEventListener("abort", onKill);
    };
  }

  #finish(): RunResult {
    for (const run of this.#wiring.actors.values()) run.recount();
    const isStopped = this.#stopping !== undefined && this.#stopping.reason !== "failure";
    const outputs = this.#ends.finish({
      // A failure that is nobody's leaves no output whole.
      isStopped: isStopped || this.#failures.some((failure) => isOfFlow(failure)),
      failed: new Set(this.#failures.flatMap((failure) => actorOf(failure) ?? [])),
    });
    for (const output of outputs) this.#emit({ type: "output", output });
    return this.#conclude(outputs, isStopped ? "stopped" : this.#failures.length > 0 ? "failed" : "done");
  }

  #conclude(outputs: readonly OutputResult[], state: RunResult["state"]): RunResult {
    const exitCode = exitCodeOf(state, { failures: this.#failures, signal: this.#stopping?.signal });
    const endedAt = Date.now();
    const durationMs = endedAt - this.#startedAt;
    this.#emit({ type: "run-ended", run: this.#id, state, exitCode, durationMs });
    return {
      id: this.#id,
      flow: this.#plan.flow.name,
      state,
      exitCode,
      startedAt: this.#startedAt,
      endedAt,
      durationMs,
      actors: Object.fromEntries([...this.#wiring.actors].map(([name, run]) => [name, run.result])),
      outputs,
      failures: this.#failures,
      ...(this.#ends.captured === undefined ? {} : { stdout: this.#ends.captured }),
    };
  }

  /** The file that an actor was to be given could not be written: it cannot start. */
  #failForInput(failure: Failure & { readonly kind: "input" }): void {
    const at = this.#waiting.findIndex(({ actor }) => actor.name === failure.actor);
    const [run] = at === -1 ? [] : this.#waiting.splice(at, 1);
    if (run !== undefined) {
      this.#wiring.abandon(run);
      run.phase = { phase: "ended", result: { state: "failed" } };
      this.#emit({ type: "actor-ended", actor: failure.actor, result: run.phase.result });
    }
    this.#fail(failure);
  }

  /** A limit of time ends the flow; with `onFailure: continue` that of an actor ends the actor. */
  #failForTime({ kind, run, limitMs }: Parameters<DeadlineHooks["onReached"]>[0]): void {
    const activities = listActivities(this.#processes());
    const isOver = run === undefined;
    const failure: Failure = { kind, ...(isOver ? {} : { actor: run.actor.name }), limitMs, activities };
    const isTold = isOver || this.#delayOf(run) === undefined;
    if (!isOver) run.overTime = { failure, isTold };
    if (isTold) this.#fail(failure);
    if (isOver) this.#stop({ reason: "failure" });
    else if (this.#stopping === undefined) this.#track(this.#stopper.stop(run));
  }

  #tellGrown(edge: Edge, { edge: _, ...growth }: Growth): void {
    this.#emit({ type: "buffer-grown", from: streamName(edge.from), to: nameTarget(edge.to), ...growth });
  }

  /** Nobody can go on: whatever `onFailure` says, this run is over. */
  #failForDeadlock(deadlock: Deadlock): void {
    this.#fail({ kind: "deadlock", limits: this.#limits, ...deadlock });
    this.#stop({ reason: "failure" });
  }

  #tellLine({ actor, lastLines }: ActorRun, line: string): void {
    lastLines.push(line);
    if (lastLines.length > STDERR_LAST_LINES) lastLines.shift();
    this.#emit({ type: "stderr", actor: actor.name, line });
  }

  #track(promise: Promise<void>): void {
    const tracked = promise.catch((error: unknown) => this.#reportBug(error)).finally(() =>
      this.#endings.delete(tracked)
    );
    this.#endings.add(tracked);
  }

  #reportBug(error: unknown): void {
    this.#bug ??= { error };
    this.#change();
  }

  #change(): void {
    this.#hasChanged = true;
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #emit(body: RunEventBody): void {
    const event = { at: Date.now(), ...body };
    this.#capture?.note(event);
    this.#options.onEvent?.(event);
  }
}

/** Waits for something, but not for ever; unlike a race it leaves no timer behind. */
async function waitFor(something: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, limitMs));
  await Promise.race([something, late]);
  clearTimeout(timer);
}

function workerOf({ copy }: ActorRun): { readonly worker?: number } {
  return copy === undefined ? {} : { worker: copy.slot };
}

/** How often it was run, where that is worth telling. */
function attemptsOf({ actor, attempt }: ActorRun): { readonly attempts?: number } {
  return actor.retry === undefined ? {} : { attempts: attempt };
}

/** The actor that a failure is of, if it is one's. */
function actorOf(failure: Failure): string | undefined {
  return "actor" in failure ? failure.actor : undefined;
}

function isOfFlow(failure: Failure): boolean {
  return failure.kind !== "write" && failure.kind !== "capture" && actorOf(failure) === undefined;
}
