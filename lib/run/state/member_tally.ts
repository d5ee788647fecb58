/**
 * How far the instances of an actor over a stream are.
 */
import type { ActorResult, MemberCounts } from "../../core/result.ts";

export class MemberTally {
  started = 0;
  #cached = 0;
  #done = 0;
  #failed = 0;
  #stopped = 0;

  noteEnded({ state, cached }: Pick<ActorResult, "state" | "cached">): void {
    if (cached === true) this.#cached += 1;
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
    const cached = this.#cached === 0 ? {} : { cached: this.#cached };
    return { done: this.#done, failed: this.#failed, ...cached };
  }
}
