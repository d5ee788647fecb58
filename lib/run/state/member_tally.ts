/**
 * How far the instances of an actor over a stream are.
 */
import type { ActorState, MemberCounts } from "../../core/result.ts";

export class MemberTally {
  started = 0;
  #done = 0;
  #failed = 0;
  #stopped = 0;

  noteEnded(state: ActorState): void {
    if (state === "done") this.#done += 1;
    else if (state === "failed") this.#failed += 1;
    else this.#stopped += 1;
  }

  get counts(): MemberCounts & { readonly active: number } {
    const active = this.started - this.#done - this.#failed - this.#stopped;
    return { done: this.#done, active, failed: this.#failed };
  }

  /** When no more are to come. */
  get ended(): MemberCounts {
    return { done: this.#done, failed: this.#failed };
  }
}
