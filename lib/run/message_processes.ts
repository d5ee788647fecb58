/**
 * The processes of message actors: started when the thread of messages wants them, watched, and ended when they do not
 * end by themselves.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Failure } from "../core/failure.ts";
import type { Actor } from "../core/flow.ts";
import { MESSAGE_PIPES_WIDE, STDERR_DRAIN_MS } from "../core/limits.ts";
import { closeFd, makeEnginePipe } from "../host/descriptors.ts";
import { spawnProcess } from "../host/spawn.ts";
import type { ExitStatus } from "../host/spawned_process.ts";
import type { RunFolder } from "../process/run_folder.ts";
import { signalGroup } from "../process/stop_processes.ts";
import { inheritedEnvironment, toCommand } from "./actor_command.ts";
import { failureOf } from "./actor_failure.ts";
import { ActorRun } from "./actor_run.ts";
import type { LimitWatch } from "./limit_watch.ts";
import { LimitSetter } from "./limit_setter.ts";
import type { MessageClient } from "./message_client.ts";
import { reachedLimit } from "./reached_limit.ts";
import type { RunState } from "./run_state.ts";
import type { ActorStopper } from "./stop_actors.ts";
import { describeSystemError } from "./system_error.ts";
import { waitFor } from "./wait_for.ts";
import type { Wiring } from "./wiring.ts";

export interface ProcessesContext {
  readonly state: RunState;
  readonly wiring: Wiring;
  readonly folder: RunFolder;
  readonly limitWatch: LimitWatch;
  readonly stopper: ActorStopper;
  readonly client: MessageClient;
  readonly graceMs: number;
}

/** One process, and what its place's next misfortune would be told as. */
interface Live {
  readonly id: number;
  readonly run: ActorRun;
  readonly place: number;
  /** It did not end when it was told to, and was ended. */
  isStopped: boolean;
}

export class MessageProcesses {
  readonly #context: ProcessesContext;
  readonly #limitSetter = new LimitSetter();
  readonly #programs = new Map<string, string>();
  readonly #env: Readonly<Record<string, string>>;
  readonly #live = new Map<number, Live>();
  /** How the last process of a place has failed. */
  readonly failures = new Map<number, Failure>();
  #next = 0;

  constructor(context: ProcessesContext) {
    this.#context = context;
    this.#env = { ...inheritedEnvironment(context.state.id), SLUICE_PROTOCOL: "messages", SLUICE_ACK: "1" };
  }

  /** Those that run. */
  get runs(): readonly ActorRun[] {
    return [...this.#live.values()].map(({ run }) => run);
  }

  /** Starts a process in a place; `key` is the instance that it is alone for. */
  async start(
    actor: Actor,
    { place, key }: { readonly place: number; readonly key?: string },
  ): Promise<void> {
    const { state, folder, client, limitWatch } = this.#context;
    const run = new ActorRun(actor);
    const live: Live = { id: this.#next++, run, place, isStopped: false };
    const startedAt = Date.now();
    let shown: readonly string[] = [];
    let undo: (() => void) | undefined;
    state.running += 1;
    try {
      const wires = this.#wire(run);
      undo = wires.notStarted;
      const command = toCommand(run, { wires, base: this.#env, programs: this.#programs });
      shown = command.shown;
      const env = {
        ...command.env,
        SLUICE_SUPERVISOR: actor.messaging?.supervisor.type ?? "singleton",
        ...(key === undefined ? {} : { SLUICE_KEY: key }),
      };
      const limited = await this.#limitSetter.wrap({ ...command, env }, actor.limits);
      const { pid, exited } = await spawnProcess({ ...limited, cwd: actor.cwd, fds: wires.fds });
      undo = undefined;
      folder.noteGroup("+", pid);
      run.phase = { phase: "running", pid, startedAt, command: shown };
      this.#live.set(live.id, live);
      wires.started();
      state.emit({ type: "actor-started", actor: actor.name, pid, command: shown });
      limitWatch.startActor(run);
      if (state.isStopping) signalGroup(pid, "SIGTERM");
      client.say({ type: "opened", id: live.id, place, pid, inFd: wires.inFd, outFd: wires.outFd });
      state.track(exited.then((status) => this.#end(live, status)));
    } catch (error) {
      if (undo === undefined) throw error;
      undo();
      state.running -= 1;
      const { errno, reason } = describeSystemError(error);
      this.failures.set(place, { kind: "spawn", actor: actor.name, command: shown, errno, reason });
      client.say({ type: "not-started", place });
      state.change();
    }
  }

  #wire(run: ActorRun) {
    const fds = new Map<number, number>();
    const started: (() => void)[] = [];
    const notStarted: (() => void)[] = [];
    const size = this.#live.size * 2 < MESSAGE_PIPES_WIDE ? "wide" : "usual";
    try {
      const input = makeEnginePipe("write", size);
      notStarted.push(() => [input.readFd, input.writeFd].forEach(closeFd));
      const output = makeEnginePipe("read", size);
      notStarted.push(() => [output.readFd, output.writeFd].forEach(closeFd));
      fds.set(0, input.readFd).set(1, output.writeFd);
      started.push(() => [input.readFd, output.writeFd].forEach(closeFd));
      this.#context.wiring.wireStderr(run, { fds, started, notStarted });
      return {
        fds,
        inFd: input.writeFd,
        outFd: output.readFd,
        inputFds: new Map([["stdin", 0]]),
        outputFds: new Map<string, number>(),
        inputPaths: new Map<string, string>(),
        started: () => started.forEach((step) => step()),
        notStarted: () => notStarted.forEach((step) => step()),
      };
    } catch (error) {
      for (const undo of notStarted) undo();
      throw error;
    }
  }

  async #end(live: Live, status: ExitStatus): Promise<void> {
    const { state, folder, limitWatch, client } = this.#context;
    const { run, place } = live;
    if (run.phase.phase !== "running") return;
    const { pid, command, startedAt } = run.phase;
    limitWatch.endActor(run);
    run.lookAtStderr();
    folder.noteGroup("-", pid);
    signalGroup(pid, "SIGKILL"); // What it has left behind writes for nobody.
    const reached = reachedLimit(run, { status, wasStopping: state.isStopping });
    const isOk = reached === undefined && status.code !== undefined && run.actor.ok.includes(status.code);
    await waitFor(run.stderrEnded, STDERR_DRAIN_MS);
    const isFailure = !isOk && !live.isStopped && !state.isStopping;
    if (isFailure) this.failures.set(place, failureOf(run, { status, command, reached }));
    run.phase = {
      phase: "ended",
      result: {
        state: isOk ? "done" : isFailure ? "failed" : "stopped",
        pid,
        startedAt,
        endedAt: Date.now(),
      },
    };
    this.#live.delete(live.id);
    state.running -= 1;
    client.say({ type: "ended", process: live.id, isFailure });
    state.change();
  }

  /** A process was told to end: when it does not within the grace it is ended. */
  drain(id: number): void {
    const live = this.#live.get(id);
    if (live !== undefined) this.#context.state.track(this.#endLater(live));
  }

  /** A process took too long: it is ended, which is no failure of it. */
  kill(id: number): void {
    const live = this.#live.get(id);
    if (live === undefined || live.run.phase.phase !== "running") return;
    live.isStopped = true;
    signalGroup(live.run.phase.pid, "SIGKILL");
  }

  async #endLater(live: Live): Promise<void> {
    const { graceMs, stopper } = this.#context;
    const deadline = performance.now() + graceMs;
    while (live.run.phase.phase === "running" && performance.now() < deadline) await sleep(END_POLL_MS);
    if (live.run.phase.phase !== "running") return;
    live.isStopped = true;
    await stopper.stop(live.run);
  }
}

const END_POLL_MS = 20;
