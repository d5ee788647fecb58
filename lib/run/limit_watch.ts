/**
 * Limits that the engine keeps: of the memory that an actor's processes hold together. Of processor time, which the
 * system limits, it notes how much there was, to tell that limit from any other SIGKILL.
 */
import { LIMIT_LOOK_AGAIN_MS, LIMIT_LOOK_MS, LIMIT_LOOK_SHARE } from "../core/limits.ts";
import { listTree, readProcessorTime } from "../process/process_table.ts";
import { readProportional, readResident } from "../process/tree_memory.ts";
import type { ActorRun } from "./actor_run.ts";

export interface LimitWatchHooks {
  /** The actor holds more memory than it may; it is looked at no more. */
  readonly onOverMemory: (run: ActorRun) => void;
}

export class LimitWatch {
  readonly #hooks: LimitWatchHooks;
  /** The running actors with limits, and whether the last look found too much memory. */
  readonly #seemsOver = new Map<ActorRun, boolean>();
  #timer: NodeJS.Timeout | undefined;

  constructor(hooks: LimitWatchHooks) {
    this.#hooks = hooks;
  }

  startActor(run: ActorRun): void {
    const { memoryBytes, cpuMs } = run.actor.limits ?? {};
    if (memoryBytes === undefined && cpuMs === undefined) return;
    this.#seemsOver.set(run, false);
    this.#timer ??= setTimeout(() => this.#look(), LIMIT_LOOK_MS);
  }

  endActor(run: ActorRun): void {
    this.#seemsOver.delete(run);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#seemsOver.clear();
  }

  #look(): void {
    const begunAt = performance.now();
    for (const run of this.#seemsOver.keys()) this.#lookAt(run);
    const tookMs = performance.now() - begunAt;
    const isOneOver = [...this.#seemsOver.values()].includes(true);
    const delayMs = isOneOver ? LIMIT_LOOK_AGAIN_MS : Math.max(LIMIT_LOOK_MS, tookMs / LIMIT_LOOK_SHARE);
    this.#timer = this.#seemsOver.size === 0 ? undefined : setTimeout(() => this.#look(), delayMs);
  }

  #lookAt(run: ActorRun): void {
    if (run.phase.phase !== "running") return;
    const { memoryBytes, cpuMs } = run.actor.limits ?? {};
    const pids = listTree(run.phase.pid);
    if (cpuMs !== undefined) {
      run.processorMs = Math.max(run.processorMs, ...pids.map((pid) => readProcessorTime(pid) ?? 0));
    }
    if (memoryBytes === undefined) return;
    const usedBytes = readUsed(pids, memoryBytes);
    // Twice in a row: while a process starts another one, a look may count the same memory twice.
    if (usedBytes > memoryBytes && this.#seemsOver.get(run) === true) {
      run.overMemoryBytes = usedBytes;
      this.#seemsOver.delete(run);
      this.#hooks.onOverMemory(run);
    } else this.#seemsOver.set(run, usedBytes > memoryBytes);
  }
}

/** What is shared counts once, but that costs more, so it is asked only when it may matter. */
function readUsed(pids: readonly number[], limitBytes: number): number {
  const resident = readResident(pids);
  return resident <= limitBytes || pids.length === 1 ? resident : readProportional(pids);
}
