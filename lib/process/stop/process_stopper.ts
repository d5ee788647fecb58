/**
 * Ending the processes of a run: SIGTERM, and after the grace SIGKILL for whoever is still there.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { STOP_POLL_MS } from "../../core/limits/process.ts";
import type { LeftBehind } from "../proc/left_behind.ts";
import { isLeft } from "../proc/left_behind.ts";
import type { RunMark } from "../proc/run_mark.ts";
import type { ProcessRun } from "../state/process_run.ts";
import type { StopSignal } from "./stop_processes.ts";
import { signalGroup, signalMarked, signalOne, signalTree } from "./stop_processes.ts";
import { monotonicMs } from "../../host/time/monotonic_ms.ts";

export class ProcessStopper {
  readonly #mark: RunMark;
  readonly #graceMs: number;
  readonly #list: () => readonly ProcessRun[];
  readonly #left: LeftBehind;

  constructor(
    mark: RunMark,
    { graceMs, processes, left }: {
      readonly graceMs: number;
      readonly processes: () => readonly ProcessRun[];
      readonly left: LeftBehind;
    },
  ) {
    this.#mark = mark;
    this.#graceMs = graceMs;
    this.#list = processes;
    this.#left = left;
  }

  /** Those that read come first: none of them takes the death of its writer for the end of its input. */
  get #processes(): readonly ProcessRun[] {
    return [...this.#list()].reverse();
  }

  /** Ends all of them; resolves when they have ended or been killed. */
  async stopAll(): Promise<void> {
    this.signalAll("SIGTERM");
    this.signalAll("SIGCONT"); // One that somebody has paused could not end in order.
    await this.#wait(() => this.#processes.some(({ isLive }) => isLive));
    if (this.#processes.some(({ isLive }) => isLive)) this.killAll();
  }

  /** Kills all of them now, also what has left their process groups. */
  killAll(): void {
    this.signalAll("SIGKILL");
    signalMarked(this.#mark, "SIGKILL");
  }

  /** Ends one of them, and what it has left behind when it has ended itself. */
  async stop(run: ProcessRun): Promise<void> {
    if (!run.isLive) return;
    const { pid } = run;
    // Its next try may have begun meanwhile.
    const isOther = (): boolean => run.pid !== undefined && run.pid !== pid;
    run.isStopped = true;
    signal(run, "SIGTERM");
    await this.#wait(() => run.isLive && !isOther());
    if (!isOther()) signal(run, "SIGKILL");
  }

  /** Ends one of them as anybody could: it is the actor's doing, and a failure. */
  async end(run: ProcessRun): Promise<void> {
    const { pid } = run;
    const isThere = (): boolean => run.pid === pid && run.isLive;
    signal(run, "SIGTERM");
    signal(run, "SIGCONT");
    await this.#wait(isThere);
    if (isThere()) signal(run, "SIGKILL");
  }

  /** Signals the group of one of them. */
  signal(run: ProcessRun, name: StopSignal): void {
    signal(run, name);
  }

  /** Ends one of them when it has not ended by itself within the grace. */
  async stopLater(run: ProcessRun): Promise<void> {
    await this.#wait(() => run.isLive);
    await this.stop(run);
  }

  /** Kills one of them now, with all that it has started, wherever that has gone. */
  async kill(run: ProcessRun): Promise<void> {
    if (run.pid !== undefined) signalTree(run.pid, "SIGKILL");
    for (const pid of await this.#left.findAll(run)) signalOne(pid, "SIGKILL");
  }

  /** Signals the group of each of them. */
  signalAll(name: StopSignal): void {
    for (const run of this.#processes) signal(run, name);
  }

  async #wait(isNeeded: () => boolean): Promise<void> {
    const deadline = monotonicMs() + this.#graceMs;
    while (isNeeded() && monotonicMs() < deadline) await sleep(STOP_POLL_MS);
  }
}

function signal(run: ProcessRun, name: StopSignal): void {
  if (run.pid !== undefined) signalGroup(run.pid, name);
  for (const pid of run.left.pids) if (isLeft(pid, run)) signalOne(pid, name);
}
