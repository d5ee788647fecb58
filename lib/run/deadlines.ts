/**
 * Limits of time: of the flow, of an actor, and of an actor that could move bytes and does not.
 */
import { STALL_LOOKS } from "../core/limits.ts";
import { listTree, readTraffic } from "../process/process_table.ts";
import { waitsForOthers } from "./activities.ts";
import type { ActorRun } from "./actor_run.ts";

export interface DeadlineHooks {
  /** A limit was reached: of this actor, or of the flow. */
  readonly onReached: (reached: {
    readonly kind: "timeout" | "stall";
    readonly run?: ActorRun;
    readonly limitMs: number;
  }) => void;
}

export class Deadlines {
  readonly #hooks: DeadlineHooks;
  readonly #timers = new Map<ActorRun | "flow", (() => void)[]>();

  constructor(hooks: DeadlineHooks) {
    this.#hooks = hooks;
  }

  startFlow(limitMs: number | undefined): void {
    if (limitMs === undefined) return;
    const timer = setTimeout(() => this.#hooks.onReached({ kind: "timeout", limitMs }), limitMs);
    this.#timers.set("flow", [() => clearTimeout(timer)]);
  }

  startActor(run: ActorRun): void {
    const { timeoutMs, stallMs } = run.actor;
    const stops: (() => void)[] = [];
    if (timeoutMs !== undefined) {
      const timer = setTimeout(
        () => this.#hooks.onReached({ kind: "timeout", run, limitMs: timeoutMs }),
        timeoutMs,
      );
      stops.push(() => clearTimeout(timer));
    }
    if (stallMs !== undefined) stops.push(this.#watchForStall(run, stallMs));
    if (stops.length > 0) this.#timers.set(run, stops);
  }

  /** The clock stands still while the actor waits for others, and starts anew with each byte. */
  #watchForStall(run: ActorRun, limitMs: number): () => void {
    const stepMs = Math.max(1, limitMs / STALL_LOOKS);
    let seen = countMoved(run);
    let since = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const moved = countMoved(run);
      if (moved !== seen || waitsForOthers(run)) {
        seen = moved;
        since = now;
      }
      if (now - since < limitMs) return;
      clearInterval(timer);
      this.#hooks.onReached({ kind: "stall", run, limitMs });
    }, stepMs);
    return () => clearInterval(timer);
  }

  endActor(run: ActorRun): void {
    for (const stop of this.#timers.get(run) ?? []) stop();
    this.#timers.delete(run);
  }

  stop(): void {
    for (const stops of this.#timers.values()) for (const stop of stops) stop();
    this.#timers.clear();
  }
}

/** Bytes that the actor's processes have read and written, of whatever kind. */
function countMoved({ phase }: ActorRun): number {
  if (phase.phase !== "running") return 0;
  let sum = 0;
  for (const pid of listTree(phase.pid)) {
    const traffic = readTraffic(pid);
    sum += traffic === undefined ? 0 : traffic.bytesIn + traffic.bytesOut;
  }
  return sum;
}
