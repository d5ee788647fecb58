/**
 * Limits that the engine keeps: of the memory that an actor's processes hold together, for as long as any of them lives.
 * Of processor time, which the system limits, it notes how much there was, to tell that limit from any other end.
 */
import {
  LIMIT_LOOK_AGAIN_MS,
  LIMIT_LOOK_MS,
  LIMIT_LOOK_SHARE,
  SAMPLE_MS,
} from "../../core/limits/process.ts";
import type { LeftBehind } from "../proc/left_behind.ts";
import type { ProcessRun } from "../state/process_run.ts";
import { listTree } from "../proc/process_table.ts";
import { ProcessorTimes } from "../proc/processor_times.ts";
import { readProportional, readResident } from "../proc/tree_memory.ts";
import { monotonicMs } from "../../host/time/monotonic_ms.ts";

export interface LimitWatchHooks {
  /** The process and what it has started hold more memory than they may; they are looked at no more. */
  readonly onOverMemory: (run: ProcessRun) => void;
}

interface Watched {
  /** The last look found too much memory. */
  readonly seemsOver: boolean;
  readonly processor: ProcessorTimes;
}

export class LimitWatch {
  readonly #hooks: LimitWatchHooks;
  readonly #left: LeftBehind;
  /** The processes with limits that run, or have left something behind. */
  readonly #watched = new Map<ProcessRun, Watched>();
  /** What has left the tree of a process, as it was found last. */
  #others: ReadonlyMap<ProcessRun, readonly number[]> = new Map();
  #timer: NodeJS.Timeout | undefined;
  /** To look for others costs a look at all processes of the system, so it is done less often. */
  #othersTimer: NodeJS.Timeout | undefined;

  constructor({ left, ...hooks }: LimitWatchHooks & { readonly left: LeftBehind }) {
    this.#left = left;
    this.#hooks = hooks;
  }

  start(run: ProcessRun): void {
    const { memoryBytes, cpuMs } = run.actor.limits ?? {};
    if (memoryBytes === undefined && cpuMs === undefined) return;
    this.#watched.set(run, { seemsOver: false, processor: new ProcessorTimes() });
    this.#timer ??= setTimeout(() => this.#look(), LIMIT_LOOK_MS);
    this.#othersTimer ??= setTimeout(() => void this.#lookForOthers(), SAMPLE_MS);
  }

  /** True while a limit of it is watched. */
  has(run: ProcessRun): boolean {
    return this.#watched.has(run);
  }

  /** Nothing of it lives any more, or it is somebody else's care. */
  end(run: ProcessRun): void {
    const watched = this.#watched.get(run);
    if (watched !== undefined) this.#lookAt(run, watched);
    this.#watched.delete(run);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#othersTimer);
    this.#watched.clear();
  }

  #look(): void {
    const begunAt = monotonicMs();
    for (const [run, watched] of this.#watched) this.#lookAt(run, watched);
    const tookMs = monotonicMs() - begunAt;
    const isOneOver = [...this.#watched.values()].some(({ seemsOver }) => seemsOver);
    const delayMs = isOneOver ? LIMIT_LOOK_AGAIN_MS : Math.max(LIMIT_LOOK_MS, tookMs / LIMIT_LOOK_SHARE);
    this.#timer = this.#watched.size === 0 ? undefined : setTimeout(() => this.#look(), delayMs);
  }

  #lookAt(run: ProcessRun, watched: Watched): void {
    const { memoryBytes, cpuMs } = run.actor.limits ?? {};
    const pids = this.#listAll(run);
    if (cpuMs !== undefined) {
      const { mostMs, mayHaveReached } = watched.processor.look(pids, cpuMs);
      run.processorMs = Math.max(run.processorMs, mostMs);
      // Whoever has started it would have seen how it ended; what is left behind ends unseen.
      if (run.pid === undefined && mayHaveReached && !run.isStopped) {
        run.noteOver({ limit: "cpu", limitMs: cpuMs });
      }
    }
    if (memoryBytes === undefined || pids.length === 0) return;
    const usedBytes = readUsed(pids, memoryBytes);
    const seemsOver = usedBytes > memoryBytes;
    // Twice in a row: while a process starts another one, a look may count the same memory twice.
    if (seemsOver && watched.seemsOver) {
      run.noteOver({ limit: "memory", limitBytes: memoryBytes, usedBytes });
      this.#watched.delete(run);
      this.#hooks.onOverMemory(run);
    } else this.#watched.set(run, { ...watched, seemsOver });
  }

  #listAll(run: ProcessRun): readonly number[] {
    const begin = [
      ...run.pid === undefined ? [] : [run.pid],
      ...run.left.pids,
      ...this.#others.get(run) ?? [],
    ];
    return begin.length === 1 ? begin.flatMap(listTree) : [...new Set(begin.flatMap(listTree))];
  }

  async #lookForOthers(): Promise<void> {
    const begunAt = monotonicMs();
    const runs = [...this.#watched.keys()];
    this.#others = new Map(
      await Promise.all(runs.map(async (run) => [run, await this.#left.findAll(run)] as const)),
    );
    const tookMs = monotonicMs() - begunAt;
    this.#othersTimer = this.#watched.size === 0 ? undefined : setTimeout(
      () => void this.#lookForOthers(),
      Math.max(SAMPLE_MS, tookMs / LIMIT_LOOK_SHARE),
    );
  }
}

/** What is shared counts once, but that costs more, so it is asked only when it may matter. */
function readUsed(pids: readonly number[], limitBytes: number): number {
  const resident = readResident(pids);
  return resident <= limitBytes || pids.length === 1 ? resident : readProportional(pids);
}
