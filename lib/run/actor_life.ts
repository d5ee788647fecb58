/**
 * The life of an actor's process: how it is started, what becomes of its end, and whether it is run again.
 *
 *   start ──▶ running ──exit──▶ verdict ──▶ ended
 *     ▲                            │ failed, and another try is left
 *     └───────── resting ◀─────────┘
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Failure } from "../core/failure.ts";
import { STDERR_DRAIN_MS } from "../core/limits.ts";
import type { ActorResult } from "../core/result.ts";
import { closeFile } from "../host/descriptors.ts";
import { spawnProcess } from "../host/spawn.ts";
import type { ExitStatus } from "../host/spawned_process.ts";
import { readPosition } from "../process/process_table.ts";
import type { RunFolder } from "../process/run_folder.ts";
import { signalGroup } from "../process/stop_processes.ts";
import { namePipes } from "./activities.ts";
import { inheritedEnvironment, toCommand } from "./actor_command.ts";
import { failureOf } from "./actor_failure.ts";
import type { ActorRun, WorkerPlace } from "./actor_run.ts";
import type { CachedActors } from "./cached_actors.ts";
import type { Deadlines } from "./deadlines.ts";
import { LimitSetter } from "./limit_setter.ts";
import type { LimitWatch } from "./limit_watch.ts";
import { nextTry } from "./next_try.ts";
import { reachedLimit } from "./reached_limit.ts";
import type { RelayClient } from "./relay_client.ts";
import type { RunCapture } from "./run_capture.ts";
import type { RunState } from "./run_state.ts";
import { describeSystemError } from "./system_error.ts";
import { waitFor } from "./wait_for.ts";
import type { Wiring } from "./wiring.ts";

interface LifeContext {
  readonly state: RunState;
  readonly relays: RelayClient;
  readonly wiring: Wiring;
  readonly folder: RunFolder;
  readonly capture: RunCapture | undefined;
  readonly cached: CachedActors | undefined;
  readonly deadlines: Deadlines;
  readonly limitWatch: LimitWatch;
  /** A worker has ended for good. */
  readonly onCopyEnded: (run: ActorRun, place: WorkerPlace) => void;
}

export class ActorLife {
  readonly #context: LifeContext;
  readonly #limitSetter = new LimitSetter();
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
    const { state, relays, wiring, folder } = this.#context;
    const { actor } = run;
    const startedAt = Date.now();
    this.#context.cached?.openInputs(run);
    run.attempt += 1;
    if (run.attempt === 1) run.firstStartedAt = startedAt;
    this.#count(run, 1);
    let shown: readonly string[] = [];
    let undo: (() => void) | undefined;
    try {
      const wires = wiring.wire(run);
      undo = wires.notStarted;
      const command = toCommand(run, { wires, base: this.#env, programs: this.#programs });
      shown = command.shown;
      const limited = await this.#limitSetter.wrap(command, actor.limits);
      const { pid, exited } = await spawnProcess({ ...limited, cwd: actor.cwd, fds: wires.fds });
      undo = undefined;
      folder.noteGroup("+", pid);
      // Asked now: the engine closes its copies when the actor has started.
      namePipes(run, wires);
      if (run.copy === undefined) relays.noteStarted(actor.name, { pid, pipes: run.pipes.keys() });
      run.phase = { phase: "running", pid, startedAt, command: shown };
      wires.started();
      state.emit({ type: "actor-started", actor: actor.name, ...workerOf(run), pid, command: shown });
      this.#context.deadlines.startActor(run);
      this.#context.limitWatch.startActor(run);
      if (state.isStopping) signalGroup(pid, "SIGTERM");
      state.track(exited.then((status) => this.#end(run, status)));
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
    this.#context.wiring.abandon(run);
    this.#context.cached?.fail(run);
    this.#count(run, -1);
    const result: ActorResult = { state: "failed", ...attemptsOf(run) };
    run.phase = { phase: "ended", result };
    if (run.copy !== undefined) this.#context.onCopyEnded(run, run.copy);
    this.#context.state.fail(failure);
    this.#tellEnded(run, result);
  }

  /** A process has ended. First what others wait for, then the rest of its stderr, then the verdict. */
  async #end(run: ActorRun, status: ExitStatus): Promise<void> {
    if (run.phase.phase !== "running") return;
    const { state, relays, wiring, capture } = this.#context;
    const { pid, startedAt, command } = run.phase;
    this.#context.deadlines.endActor(run);
    this.#context.limitWatch.endActor(run);
    run.lookAtStderr();
    const wasStopping = state.isStopping;
    const reached = reachedLimit(run, { status, wasStopping });
    const isOk = reached === undefined && status.code !== undefined && run.actor.ok.includes(status.code);
    const isAbandoned = run.gate.haveAllReadersLeft();
    const closedEarly = !isOk && reached === undefined && isAbandoned;
    const bytesIn = this.#letGo(run, pid);
    // What it wrote before it failed still goes on: the failure may stop everything.
    const isGivenOn = !isOk && run.actor.retry === undefined;
    await waitFor(Promise.all([run.stderrEnded, ...isGivenOn ? run.streamsEnded : []]), STDERR_DRAIN_MS);
    const endedAt = Date.now();
    const isHalted = wasStopping && run.overTime === undefined && reached === undefined;
    const end = isOk || closedEarly ? "done" : isHalted ? "stopped" : "failed";
    const failure = failureOf(run, { status, command, reached });
    if (end === "failed" && this.#tryAgain(run, failure)) return;
    if (run.actor.retry !== undefined) wiring.settle(run, { isWell: end === "done" });
    if (end === "done") await this.#context.cached?.keep(run, endedAt - startedAt);
    else this.#context.cached?.fail(run);
    const result: ActorResult = {
      state: end,
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
      capture?.noteFinished(run.actor.name);
    }
    if (run.copy === undefined) relays.noteEnded(run.actor.name);
    else this.#context.onCopyEnded(run, run.copy);
    this.#count(run, -1);
    if (end === "failed" && run.overTime?.isTold !== true) state.fail(failure);
    this.#tellEnded(run, result);
    state.change();
  }

  /** Others see that it has ended; what it had open is closed. Gives the bytes that it was given. */
  #letGo(run: ActorRun, pid: number): number | undefined {
    for (const { pipe } of run.pipesOut) pipe.writerEnded();
    for (const { pipe, writer } of run.pipesIn) writer.gate.lose(pipe);
    const bytesIn = run.countBytesIn({
      ofEdges: (edges) => this.#context.relays.countGiven(edges),
      ofFile: readPosition,
    });
    for (const feed of run.feeds) if (feed.kind === "file") closeFile(feed.fd);
    this.#context.folder.noteGroup("-", pid);
    return bytesIn;
  }

  /** Runs a failed actor again after a while, if it may be. It keeps its place among the processes meanwhile. */
  #tryAgain(run: ActorRun, failure: Failure): boolean {
    const delayMs = this.delayOf(run);
    if (delayMs === undefined) return false;
    const { state, relays, wiring } = this.#context;
    const { name, retry } = run.actor;
    const pid = run.phase.phase === "running" ? run.phase.pid : undefined;
    if (pid !== undefined) signalGroup(pid, "SIGKILL"); // What it has left behind.
    run.phase = { phase: "resting" };
    if (run.copy === undefined) relays.noteEnded(name);
    else relays.endCopy(run.copy.pool.id, { copy: run.copy.index, pid, how: "again" });
    wiring.rewind(run);
    this.#context.cached?.drop(run);
    const attemptsMax = (retry?.max ?? 0) + 1;
    state.emit({
      type: "actor-retried",
      actor: name,
      ...workerOf(run),
      attempt: run.attempt,
      attemptsMax,
      delayMs,
      failure,
    });
    state.track(this.#restart(run, delayMs));
    return true;
  }

  /** The wait before another try; undefined when there is none. */
  delayOf({ actor: { retry }, attempt, firstStartedAt }: ActorRun): number | undefined {
    if (this.#context.state.isStopping) return undefined;
    return nextTry(retry, { attempt, sinceFirstMs: Date.now() - firstStartedAt, random: Math.random() });
  }

  async #restart(run: ActorRun, delayMs: number): Promise<void> {
    const { state, wiring } = this.#context;
    await sleep(delayMs, undefined, { signal: this.#resting.signal }).catch(() => undefined);
    this.#count(run, -1); // Starting takes it again, before anybody else can.
    if (!state.isStopping) return await this.start(run);
    wiring.abandon(run);
    wiring.settle(run, { isWell: false });
    this.#context.cached?.fail(run);
    const result: ActorResult = { state: "stopped", ...attemptsOf(run) };
    run.phase = { phase: "ended", result };
    if (run.copy !== undefined) this.#context.onCopyEnded(run, run.copy);
    this.#tellEnded(run, result);
    state.change();
  }

  /** Counts places; an actor with workers has taken all of them at once. */
  #count(run: ActorRun, change: 1 | -1): void {
    if (run.copy === undefined) this.#context.state.running += change;
  }

  #tellEnded(run: ActorRun, result: ActorResult): void {
    const { name } = run.actor;
    const { state } = this.#context;
    if (run.copy === undefined) state.emit({ type: "actor-ended", actor: name, result });
    else state.emit({ type: "worker-ended", actor: name, worker: run.copy.slot, result });
  }
}

function workerOf({ copy }: ActorRun): { readonly worker?: number } {
  return copy === undefined ? {} : { worker: copy.slot };
}

/** How often it was run, where that is worth telling. */
function attemptsOf({ actor, attempt }: ActorRun): { readonly attempts?: number } {
  return actor.retry === undefined ? {} : { attempts: attempt };
}
