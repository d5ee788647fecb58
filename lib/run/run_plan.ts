/**
 * One run of a plan: the single place where decisions meet. Callbacks only record; one loop starts what may start,
 * stops what has to stop and sees when everything has ended.
 *
 *   start outputs, sources ─▶ loop: start actors ─▶ all ended ─▶ sweep ─▶ put outputs in place ─▶ result
 *                                     │ failure, signal
 *                                     └─▶ stopping: SIGTERM, after grace SIGKILL
 */
import type { Deadlock, Failure, Room } from "../core/failure.ts";
import { isProcess, streamName } from "../core/flow.ts";
import { MEMORY_BYTES, SPILL_SHARE } from "../core/limits/streams.ts";
import type { Edge, Plan } from "../core/plan.ts";
import { nameTarget } from "../core/plan.ts";
import type { ActorResult, RunResult } from "../core/result.ts";
import type { DeadlineHooks } from "../process/deadlines.ts";
import { Deadlines } from "../process/deadlines.ts";
import { LeftBehind } from "../process/left_behind.ts";
import { LimitWatch } from "../process/limit_watch.ts";
import { ProcessLife } from "../process/process_life.ts";
import type { ProcessRun } from "../process/process_run.ts";
import { ProcessStopper } from "../process/process_stopper.ts";
import { keepFlags } from "../host/shared_descriptors.ts";
import type { RunFolder } from "../process/run_folder.ts";
import { chooseRunFolder } from "../process/run_folder.ts";
import { sweepMarked } from "../process/stop_processes.ts";
import type { Watchdog } from "../process/watchdog.ts";
import { startWatchdog } from "../process/watchdog.ts";
import { waitFor } from "../process/wait_for.ts";
import { listActivities } from "./activities.ts";
import { ActorLife } from "./actor_life.ts";
import type { ActorRun } from "./actor_run.ts";
import type { CachedActors } from "./cached_actors.ts";
import type { Growth } from "./deadlock_watch.ts";
import { concludeRun, withLateFailures } from "./conclude_run.ts";
import { EventSink } from "./event_sink.ts";
import { FlowFinish } from "./flow_finish.ts";
import { FlowEnds } from "./flow_ends.ts";
import { HeldOutputs } from "./held_outputs.ts";
import { InputFiles } from "./input_files.ts";
import type { RelayError } from "./relay_client.ts";
import type { KeptStreams } from "./kept_streams.ts";
import { RelayClient } from "./relay_client.ts";
import type { MessageRun } from "./message_run.ts";
import type { RunCapture } from "./run_capture.ts";
import type { PlanRunOptions } from "./run_options.ts";
import { isCopied } from "./is_tapped.ts";
import type { RunParts } from "./load_parts.ts";
import { loadParts } from "./load_parts.ts";
import { RunPools } from "./run_pools.ts";
import { readStopRequest } from "./stop_request.ts";
import { RunState } from "./run_state.ts";
import { startSampler } from "./sampler.ts";
import { StartQueue } from "./start_queue.ts";
import { tellStderr } from "./tell_stderr.ts";
import { Wiring } from "./wiring.ts";

/**
 * Runs a plan whose preflight found nothing. Whatever goes wrong in the run is in the result; a rejection is a bug, of
 * the engine or of whoever listens, but for a FlowError: there is no temporary folder.
 */
export async function runPlan(plan: Plan, options: PlanRunOptions = {}): Promise<RunResult> {
  const parts = await loadParts(plan, options);
  const folder = chooseRunFolder();
  const run = new Run(plan, { options, folder, parts });
  const putFlagsBack = keepFlags();
  const result = await run.run().finally(putFlagsBack);
  await run.sink.settle();
  return result;
}

class Run {
  readonly sink: EventSink;
  readonly #plan: Plan;
  readonly #options: PlanRunOptions;
  readonly #folder: RunFolder;
  readonly #state: RunState;
  readonly #relays: RelayClient;
  readonly #held: HeldOutputs;
  readonly #inputFiles: InputFiles;
  readonly #kept: KeptStreams | undefined;
  readonly #cached: CachedActors | undefined;
  readonly #ends: FlowEnds;
  readonly #capture: RunCapture | undefined;
  readonly #wiring: Wiring;
  readonly #queue: StartQueue;
  readonly #life: ActorLife;
  readonly #pools: RunPools;
  readonly #stopper: ProcessStopper;
  readonly #messages: MessageRun | undefined;
  readonly #finish: FlowFinish;
  #watchdog: Watchdog | undefined;
  #stopSampler: (() => void) | undefined;
  /** How many failures there were when the result was made. */
  #concluded = 0;
  readonly #room: Room;
  readonly #deadlines: Deadlines;
  readonly #limitWatch: LimitWatch;

  constructor(
    plan: Plan,
    { options, folder, parts: loaded }: {
      readonly options: PlanRunOptions;
      readonly folder: RunFolder;
      readonly parts: RunParts;
    },
  ) {
    this.#plan = plan;
    this.#options = options;
    this.#folder = folder;
    this.sink = new EventSink(options.onEvent, () => this.#state.stop({ reason: "abort" }));
    this.#state = new RunState({
      stopsOnFailure: plan.flow.onFailure === "stop",
      onEvent: (event) => {
        this.#capture?.note(event);
        this.sink.tell(event);
      },
      onStop: () => this.#endAll(),
    });
    const state = this.#state;
    const left = new LeftBehind(state.id);
    this.#deadlines = new Deadlines({ left, onReached: (reached) => this.#failForTime(reached) });
    this.#limitWatch = new LimitWatch({ left, onOverMemory: (run) => state.track(this.#stopper.kill(run)) });
    this.#held = new HeldOutputs({ left, onLook: () => state.change() });
    const { memoryBytes, spillBytes } = plan.flow.limits;
    this.#room = {
      memory: memoryBytes ?? MEMORY_BYTES,
      spill: spillBytes ?? folder.freeBytes() * SPILL_SHARE,
      folder: folder.root,
      isSpillShare: spillBytes === undefined,
    };
    this.#kept = loaded.KeptStreams &&
      new loaded.KeptStreams(plan, { folder, onFailure: (failure) => state.fail(failure) });
    this.#relays = this.#makeRelays(loaded);
    this.#cached = this.#makeCached(loaded);
    this.#inputFiles = new InputFiles(this.#relays, {
      folder,
      isCached: (actor) => plan.flow.actors.get(actor)?.isCached === true,
      onHashed: (input, content) => this.#cached?.noteInput(input, content),
      onError: (error) => state.reportBug(error),
      onChange: () => state.change(),
      onFailure: (failure) => this.#failForInput(failure),
    });
    this.#capture = loaded.captureRun?.(plan, {
      options,
      uuid: state.id,
      startedAt: state.startedAt,
      onFailed: (failure) => state.noteFailure(failure),
      onError: (error) => state.reportBug(error),
    });
    this.#ends = new FlowEnds(plan, {
      relays: this.#relays,
      options,
      run: state.id,
      folder,
      capture: this.#capture,
      onFailure: (failure) => state.fail(failure),
      onChange: () => state.change(),
    });
    this.#wiring = new Wiring(plan, {
      relays: this.#relays,
      outputs: this.#ends.files,
      held: this.#held,
      inputFiles: this.#inputFiles,
      capture: this.#capture,
      cached: this.#cached,
      kept: this.#kept,
      stderr: tellStderr(state),
    });
    const parts = {
      state,
      relays: this.#relays,
      wiring: this.#wiring,
      inputFiles: this.#inputFiles,
      cached: this.#cached,
      lives: new ProcessLife({
        state,
        folder,
        left,
        deadlines: this.#deadlines,
        limitWatch: this.#limitWatch,
      }),
    };
    this.#queue = new StartQueue(plan, { ...parts, actors: this.#wiring.actors });
    this.#pools = new RunPools({ ...parts, capture: this.#capture, start: (copy) => this.#life.start(copy) });
    this.#life = new ActorLife({
      ...parts,
      capture: this.#capture,
      onCopyEnded: (run, place) => this.#pools.endCopy(run, place),
    });
    this.#stopper = new ProcessStopper(state.id, {
      graceMs: plan.flow.graceMs,
      processes: () => this.#processes(),
      left,
    });
    this.#finish = new FlowFinish({
      state,
      ends: this.#ends,
      stopper: this.#stopper,
      actors: this.#wiring.actors,
    });
    this.#messages = loaded.startMessages?.(plan, {
      ...parts,
      folder,
      capture: this.#capture,
      stopper: this.#stopper,
      kept: this.#kept?.logs ?? new Map(),
      tracing: options.wantsMessages !== true ? "off" : options.capture === undefined ? "steps" : "whole",
      isServing: options.until === "signal",
      onFinish: () => this.#finish.begin(this.#messages),
      room: this.#room,
      journal: options.capture === undefined
        ? undefined
        : { file: `${options.capture.file}.messages`, isResumed: options.isResumed ?? false },
    });
  }

  #makeCached({ CachedActors }: RunParts): CachedActors | undefined {
    const { cache, isCacheIgnored = false } = this.#options;
    const state = this.#state;
    if (cache === undefined || CachedActors === undefined) return undefined;
    return new CachedActors(this.#plan, {
      store: cache,
      relays: this.#relays,
      folder: this.#folder.path,
      isAnew: isCacheIgnored,
      onFound: (run, bytes) => this.#endFound(run, bytes),
      onStream: (stream, path) => this.#capture?.keepFile(stream, path),
      onChange: () => state.change(),
      onFailure: (failure) => state.fail(failure),
      onNotKept: (failure) => state.noteFailure(failure),
      onError: (error) => state.reportBug(error),
    });
  }

  /** The output of an actor is in the cache: it is not run. */
  #endFound(run: ActorRun, bytesOut: number): void {
    const { name } = run.actor;
    this.#queue.remove(name);
    this.#wiring.dropInputs(run);
    const result: ActorResult = { state: "done", cached: true, bytesOut };
    run.phase = { phase: "ended", result };
    this.#relays.noteEnded(name);
    this.#state.emit({ type: "actor-ended", actor: name, result });
  }

  #makeRelays({ openThread }: RunParts): RelayClient {
    const state = this.#state;
    const copied = new Set(this.#plan.actors.filter(isCopied).map(({ name }) => name));
    return new RelayClient(this.#plan, {
      folder: this.#folder.path,
      memoryBytes: this.#room.memory,
      spillBytes: this.#room.spill,
      hasPlaces: this.#plan.processes !== undefined,
      copiesOf: ({ actor }) => [
        ...this.#options.capture !== undefined && copied.has(actor) ? ["capture" as const] : [],
        ...this.#kept?.has(actor) === true ? ["keep" as const] : [],
      ],
      hooks: {
        openThread,
        onBegun: () => state.change(),
        onStreamEnded: (stream, { error, isWhole }) => {
          const [edge] = stream.edges;
          if (isWhole && edge !== undefined) this.#capture?.noteWhole(edge.from);
          this.#ends.sources.end(stream, error);
          if (edge !== undefined && error !== undefined) this.#failEdge(edge.from, { does: "writes", error });
          this.#cached?.endStream(stream, error);
        },
        onLost: (stream) => {
          this.#wiring.lose(stream);
          this.#ends.sources.lose(stream);
        },
        onKept: (stream, error) => this.#kept?.end(stream, error),
        onJoinEnded: (joined, error) => {
          this.#inputFiles.end(joined, error);
          this.#ends.endOutput(joined, error);
          const { to, isFile } = joined.join;
          if (error !== undefined && to.kind === "actor" && isFile !== true) {
            this.#failEdge(to, { does: "reads", error });
          }
        },
        onCopyCut: (stream, error) => {
          this.#capture?.cut(stream);
          if (error !== undefined) this.#failCapture(error);
        },
        onCopyWanted: (pool, copy) => this.#pools.startCopy(pool, copy),
        onPoolEnded: (pool) => this.#pools.end(pool),
        onGrown: (edge, growth) => this.#tellGrown(edge, growth),
        onDeadlock: (deadlock) => this.#failForDeadlock(deadlock),
        onError: (error) => state.reportBug(error),
      },
    });
  }

  async run(): Promise<RunResult> {
    const { flow } = this.#plan;
    const state = this.#state;
    state.emit({
      type: "run-started",
      run: state.id,
      flow: flow.name,
      actors: this.#plan.actors.map(({ name }) => name),
    });
    const unlisten = this.#listenToSignals();
    let result: RunResult;
    try {
      this.#options.onStarted?.({ signalAll: (signal) => this.#stopper.signalAll(signal) });
      await state.attempt(() => this.#play());
      state.throwBug();
      result = await this.#conclude();
    } catch (error) {
      // A bug: nothing half-written is left.
      this.#ends.finish({ isStopped: true, failed: new Set() });
      throw error;
    } finally {
      unlisten();
      await this.#letGo();
    }
    state.throwBug();
    // What comes last, such as the end of the run in the database, may fail too.
    return state.failures.length === this.#concluded ? result : withLateFailures(result, state.failures);
  }

  /** Starts everything, and comes back when it has ended. */
  async #play(): Promise<void> {
    this.#deadlines.startFlow(this.#plan.flow.timeoutMs);
    // First of all: when the runtime breaks as it starts a thread, somebody has to clear up.
    this.#watchdog = await startWatchdog(this.#state.id, this.#folder);
    this.#folder.make(this.#state.id);
    this.#relays.start();
    if (!this.#ends.open()) return;
    this.#ends.start();
    this.#inputFiles.start();
    this.#kept?.start(this.#relays);
    this.#cached?.start(this.#wiring.actors);
    this.#capture?.startSources();
    this.#capture?.startCopies(this.#relays);
    this.#messages?.start();
    this.#stopSampler = this.#startSampler();
    await this.#loop();
  }

  /** Ends what is left, each step also when one before it was refused by the system. */
  async #conclude(): Promise<RunResult> {
    const { flow } = this.#plan;
    const state = this.#state;
    const messages = this.#messages;
    await state.attempt(() => messages?.stop());
    await state.whenTracked();
    if (this.#hasProcesses) await state.attempt(() => sweepMarked(state.id, flow.graceMs));
    await state.attempt(() => this.#wiring.settleStderr());
    const isHurried = state.isBroken || state.stopping?.reason === "signal";
    await state.attempt(() => this.#ends.settle({ isHurried, graceMs: flow.graceMs }));
    await this.#drainCaptured();
    await state.attempt(() => messages?.close());
    // What the thread still has to tell is part of the run.
    await state.attempt(() => this.#relays.stop());
    await state.attempt(() => this.#capture?.settle({ isStopped: state.isStopping }));
    state.throwBug();
    messages?.conclude();
    const result = concludeRun(this.#plan, { state, ends: this.#ends, actors: this.#wiring.actors });
    this.#concluded = state.failures.length;
    return result;
  }

  /** Lets go of everything, whatever has happened. */
  async #letGo(): Promise<void> {
    const state = this.#state;
    const steps: readonly (() => unknown)[] = [
      () => this.#stopSampler?.(),
      () => this.#held.close(),
      () => this.#deadlines.stop(),
      () => this.#limitWatch.stop(),
      () => this.#wiring.close(),
      () => this.#messages?.stop(),
      () => this.#messages?.close(),
      () => this.#kept?.close(),
      () => this.#relays.stop(),
      () => this.#capture?.close(),
      // A bug must not leave processes either.
      () => state.running > 0 ? sweepMarked(state.id, 0) : undefined,
      () => this.#folder.remove(),
      () => this.#watchdog?.dismiss(),
    ];
    for (const step of steps) await state.attempt(step);
  }

  get #hasProcesses(): boolean {
    return this.#messages !== undefined || this.#plan.actors.some(isProcess);
  }

  /** Everything that may be a process now: actors, the workers of actors, and those that talk in messages. */
  #processes(): readonly ProcessRun[] {
    const singles = [...this.#wiring.actors.values()].filter(({ phase }) => phase.phase === "single");
    return [
      ...[...singles, ...this.#pools.listLive()].map((run) => run.process),
      ...this.#messages?.processes ?? [],
    ];
  }

  #startSampler(): () => void {
    const runs = [...this.#wiring.actors.values()].filter((run) => isProcess(run.actor));
    return startSampler(runs, {
      processes: () => this.#processes(),
      relays: this.#relays,
      onProgress: this.#options.wantsProgress === true
        ? (actors) => this.#state.emit({ type: "progress", actors })
        : undefined,
    });
  }

  async #loop(): Promise<void> {
    const state = this.#state;
    for (;;) {
      state.beginLook();
      if (!state.isStopping) this.#cached?.lookUp();
      await this.#queue.startReady((run) => this.#start(run));
      this.#finish.stopSources();
      if (state.isStopping) this.#wiring.abandonUnstarted();
      const canStart = !this.#queue.isEmpty && !state.isStopping;
      const isQuiet = state.running === 0 && !canStart && (this.#messages?.isDone ?? true);
      if (isQuiet && this.#ends.areOutputsDone && await this.#held.areFree()) return;
      if (state.isBroken || (state.isStopping && state.running === 0)) return;
      await state.whenChanged();
    }
  }

  async #start(run: ActorRun): Promise<void> {
    if (run.actor.workers === undefined) await this.#life.start(run);
    else this.#pools.open(run, this.#queue.placesOf(run));
  }

  /** All processes have ended: what is captured is read to the end, also where no reader is left. */
  async #drainCaptured(): Promise<void> {
    // When something broke that carries them, nobody ends them.
    if (this.#capture === undefined || this.#state.isBroken) return;
    const streams = [...this.#wiring.actors.values()].flatMap((run) => run.streamsEnded);
    await waitFor(Promise.all(streams), this.#plan.flow.graceMs);
  }

  /** The run is to end: nobody is started or fed any more. */
  #endAll(): void {
    this.#life.stopResting();
    this.#pools.closeAll();
    this.#messages?.halt();
    this.#state.track(this.#stopper.stopAll());
    this.#ends.sources.close();
  }

  #listenToSignals(): () => void {
    const { signal, killSignal } = this.#options;
    const stopFor = (given: AbortSignal | undefined): void => {
      if (this.#state.isStopping) return;
      // A flow that serves until then is at its end.
      if (this.#messages?.isServing === true) return this.#finish.begin(this.#messages);
      const request = readStopRequest(given?.reason);
      if (request.by === "signal") return this.#state.stop({ reason: "signal", signal: request.signal });
      this.#state.noteFailure({ kind: "abort", reason: request.reason });
      this.#state.stop({ reason: "abort" });
    };
    const onAbort = (): void => stopFor(signal);
    const onKill = (): void => {
      stopFor(killSignal);
      // One that serves is over now, too.
      this.#state.stop({ reason: "abort" });
      this.#stopper.killAll();
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    killSignal?.addEventListener("abort", onKill, { once: true });
    if (signal?.aborted === true) onAbort();
    if (killSignal?.aborted === true) onKill();
    return () => {
      signal?.removeEventListener("abort", onAbort);
      killSignal?.removeEventListener("abort", onKill);
    };
  }

  /** The file that an actor was to be given could not be written: it cannot start. */
  #failForInput(failure: Failure & { readonly kind: "input" }): void {
    const run = this.#queue.remove(failure.actor);
    if (run !== undefined) {
      this.#wiring.abandon(run);
      run.phase = { phase: "ended", result: { state: "failed" } };
      this.#state.emit({ type: "actor-ended", actor: failure.actor, result: run.phase.result });
    }
    this.#state.fail(failure);
  }

  /** A limit of time ends the flow; with `onFailure: continue` that of an actor ends the actor. */
  #failForTime({ kind, run, limitMs }: Parameters<DeadlineHooks["onReached"]>[0]): void {
    const activities = [...listActivities(this.#processes()), ...this.#ends.listWaiting()];
    const isOver = run === undefined;
    const failure: Failure = { kind, ...(isOver ? {} : { actor: run.actor.name }), limitMs, activities };
    const isTold = isOver || this.#life.delayOf(run) === undefined;
    if (!isOver) run.overTime = { failure, isTold };
    if (isTold) this.#state.fail(failure);
    if (isOver) this.#state.stop({ reason: "failure" });
    else if (this.#state.stopping === undefined) this.#state.track(this.#stopper.stop(run));
  }

  #tellGrown(edge: Edge, { edge: _, ...growth }: Growth): void {
    this.#state.emit({
      type: "buffer-grown",
      from: streamName(edge.from),
      to: nameTarget(edge.to),
      ...growth,
    });
  }

  #failCapture({ code: errno, message: reason }: RelayError): void {
    const { capture } = this.#options;
    if (capture !== undefined) {
      this.#state.noteFailure({ kind: "capture", file: capture.file, errno, reason });
    }
  }

  /** The system did not carry a stream or an input. Sources and files are told by those who opened them. */
  #failEdge(
    { actor, port }: { readonly actor: string; readonly port: string },
    { does, error }: { readonly does: "writes" | "reads"; readonly error: RelayError },
  ): void {
    const source = this.#plan.flow.actors.get(actor);
    if (source === undefined || !isProcess(source)) return;
    if (does === "writes" && this.#cached?.pathOf({ actor, port }) !== undefined) return;
    this.#state.fail({ kind: "edge", actor, port, does, errno: error.code, reason: error.message });
  }

  /** Nobody can go on: whatever `onFailure` says, this run is over. */
  #failForDeadlock(deadlock: Deadlock): void {
    this.#state.fail({ kind: "deadlock", room: this.#room, ...deadlock });
    this.#state.stop({ reason: "failure" });
  }
}
