/**
 * Ending the processes of a run: SIGTERM, and after the grace SIGKILL for whoever is still there.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { STOP_POLL_MS } from "../core/limits.ts";
import type { StopSignal } from "../process/stop_processes.ts";
import { signalGroup, signalMarked, signalTree } from "../process/stop_processes.ts";
import type { ActorRun } from "./actor_run.ts";

export class ActorStopper {
  readonly #run: string;
  readonly #graceMs: number;
  readonly #processes: () => readonly ActorRun[];

  constructor(
    run: string,
    { graceMs, actors }: { readonly graceMs: number; readonly actors: () => readonly ActorRun[] },
  ) {
    this.#run = run;
    this.#graceMs = graceMs;
    this.#processes = actors;
  }

  /** Those that read come first: none of them takes the death of its writer for the end of its input. */
  get #actors(): readonly ActorRun[] {
    return [...this.#processes()].reverse();
  }

  /** Ends all of them; resolves when they have ended or been killed. */
  async stopAll(): Promise<void> {
    this.signalAll("SIGTERM");
    await this.#wait(() => this.#actors.some(isRunning));
    if (this.#actors.some(isRunning)) this.killAll();
  }

  /** Kills all of them now, also what has left their process groups. */
  killAll(): void {
    this.signalAll("SIGKILL");
    signalMarked(this.#run, "SIGKILL");
  }

  /** Ends one of them. */
  async stop(run: ActorRun): Promise<void> {
    if (run.phase.phase !== "running") return;
    const { pid } = run.phase;
    signalGroup(pid, "SIGTERM");
    await this.#wait(() => isRunning(run));
    if (isRunning(run)) signalGroup(pid, "SIGKILL");
  }

  /** Kills one of them now, with all that it has started. */
  kill({ phase }: ActorRun): void {
    if (phase.phase === "running") signalTree(phase.pid, "SIGKILL");
  }

  /** Signals the group of each of them. */
  signalAll(signal: StopSignal): void {
    for (const { phase } of this.#actors) if (phase.phase === "running") signalGroup(phase.pid, signal);
  }

  async #wait(isNeeded: () => boolean): Promise<void> {
    const deadline = performance.now() + this.#graceMs;
    while (isNeeded() && performance.now() < deadline) await sleep(STOP_POLL_MS);
  }
}

function isRunning({ phase }: ActorRun): boolean {
  return phase.phase === "running";
}
