/**
 * How often a process may fail: more than `intensity` failures within the period are too many. The wait before the
 * next start doubles with every failure within the period.
 */
import { RESTART_BACKOFF_MAX_MS } from "../../core/limits/message.ts";
import { BACKOFF_DOUBLINGS_MAX } from "../../core/limits/process.ts";
import type { Restart } from "../../core/messaging.ts";

export class RestartBudget {
  readonly #rule: Restart;
  #failures: number[] = [];

  constructor(rule: Restart) {
    this.#rule = rule;
  }

  /** A process has ended by itself: how long to wait before it is started again, or why it is not. */
  next({ isFailure, now }: { readonly isFailure: boolean; readonly now: number }):
    | { readonly is: "restart"; readonly afterMs: number; readonly failures: number }
    | { readonly is: "stay" }
    | { readonly is: "too-often"; readonly failures: number } {
    const { policy, intensity, periodMs, backoffMs } = this.#rule;
    if (policy === "never" || (policy === "on-failure" && !isFailure)) return { is: "stay" };
    this.#failures = [...this.#failures.filter((at) => now - at < periodMs), now];
    const failures = this.#failures.length;
    if (failures > intensity) return { is: "too-often", failures };
    return {
      is: "restart",
      failures,
      afterMs: Math.min(
        RESTART_BACKOFF_MAX_MS,
        backoffMs * 2 ** Math.min(BACKOFF_DOUBLINGS_MAX, failures - 1),
      ),
    };
  }
}
