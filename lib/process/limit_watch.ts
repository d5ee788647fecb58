/**
 * Limits that the engine keeps: of the memory that an actor's processes hold together. Of processor time, which the
 * system limits, it notes how much there was, to tell that limit from any other SIGKILL.
 */
import { LIMIT_LOOK_AGAIN_MS, LIMIT_LOOK_MS, LIMIT_LOOK_SHARE } from "../core/limits/process.ts";
import type { ProcessRun } from "./process_run.ts";
import { listTree, readProcessorTime } from "./process_table.ts";
import { readProportional, readResident } from "./tree_memory.ts";

export interface LimitWatchHooks {
  /** The process and what it has started hold more memory than they may; they are looked at no more. */
  readonly onOverMemory: (run: ProcessRun) => void;
}

export class LimitWatch {
  readonly #hooks: LimitWatchHooks;
  /** The running processes with limits, and whether the last look found too much memory. */
  readonly #seemsOver = new Map<ProcessRun, boolean>();
  #timer: NodeJS.Timeout | undefined;

  constructor(hooks: LimitWatchHooks) {
    this.#hooks = hooks;
  }

  start(run: ProcessRun): void {
    const { memoryBytes, cpuMs } = run.actor.limits ?? {};
    if (memoryBytes === undefined && cpuMs === undefined) return;
    this.#seemsOver.set(run, false);
    this.#timer ??= setTimeout(() => this.#look(), LIMIT_LOOK_MS);
  }

  end(run: ProcessRun): void {
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

  #lookAt(run: ProcessRun): void {
    if (run.pid === undefined) return;
    const { memoryBytes, cpuMs } = run.actor.limits ?? {};
    const pids = listTree(run.pid);
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
