/**
 * Sees whether the copy that is given lines does not take them: with a place free, the rest of a slow one's block is in
 * the way.
 */
import { WORKER_SLOW_MS } from "../../core/limits/workers.ts";
import type { WorkerCopy } from "../state/worker_copy.ts";

export class FullPipeClock {
  /** Since when its pipe is full, and whether that is long. */
  #fullSince: number | undefined;
  #isSlow = false;

  get isSlow(): boolean {
    return this.#isSlow;
  }

  /** When to look again at the latest, because nothing has happened. */
  get dueAt(): number {
    return this.#fullSince === undefined || this.#isSlow ? Infinity : this.#fullSince + WORKER_SLOW_MS;
  }

  /** Looks at the copy that is given lines now. */
  look(copy: WorkerCopy | undefined, now: number): void {
    if (copy?.inFd === undefined || copy.isWritable) return this.reset();
    // Whoever is held up by its readers is not slow.
    if (this.#fullSince === undefined || copy.isHeldUp) this.#fullSince = now;
    this.#isSlow ||= now - this.#fullSince >= WORKER_SLOW_MS;
  }

  /** Another copy is given lines from now on. */
  reset(): void {
    this.#fullSince = undefined;
    this.#isSlow = false;
  }
}
