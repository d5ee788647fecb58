/**
 * Limits of time: of the flow, of an actor, and of an actor that could move bytes and does not.
 */
import { STALL_LOOK_MAX_MS, STALL_LOOKS } from "../../core/limits/process.ts";
import { readWaits } from "../proc/blocked.ts";
import type { LeftBehind } from "../proc/left_behind.ts";
import { startTimer } from "../../host/time/long_timer.ts";
import type { ProcessRun } from "../state/process_run.ts";
import { listTree, readTraffic } from "../proc/process_table.ts";
import { monotonicMs } from "../../host/time/monotonic_ms.ts";

export interface DeadlineHooks {
  /** A limit was reached: of this actor, or of the flow. */
  readonly onReached: (reached: {
    readonly kind: "timeout" | "stall";
    readonly run?: ProcessRun;
    readonly limitMs: number;
  }) => void;
}

export class Deadlines {
  readonly #hooks: DeadlineHooks;
  readonly #left: LeftBehind;
  readonly #timers = new Map<ProcessRun | "flow", (() => void)[]>();

  constructor({ left, ...hooks }: DeadlineHooks & { readonly left: LeftBehind }) {
    this.#left = left;
    this.#hooks = hooks;
  }

  startFlow(limitMs: number | undefined): void {
    if (limitMs === undefined) return;
    const stop = startTimer(limitMs, () => this.#hooks.onReached({ kind: "timeout", limitMs }));
    this.#timers.set("flow", [stop]);
  }

  start(run: ProcessRun): void {
    const { timeoutMs, stallMs } = run.actor;
    const stops: (() => void)[] = [];
    if (timeoutMs !== undefined) {
      const reached = { kind: "timeout", run, limitMs: timeoutMs } as const;
      stops.push(startTimer(timeoutMs, () => void this.#lookForOthers(run).then(() => this.#reach(reached))));
    }
    if (stallMs !== undefined) stops.push(this.#watchForStall(run, stallMs));
    if (stops.length > 0) this.#timers.set(run, stops);
  }

  /** The clock stands still while the actor waits for others, and starts anew with each byte. */
  #watchForStall(run: ProcessRun, limitMs: number): () => void {
    const stepMs = Math.min(STALL_LOOK_MAX_MS, Math.max(1, limitMs / STALL_LOOKS));
    let seen = countMoved(run);
    let since = monotonicMs();
    let isAsked = false;
    const timer = setInterval(() => {
      const now = monotonicMs();
      const moved = countMoved(run);
      if (moved !== seen || waitsForOthers(run)) {
        seen = moved;
        since = now;
      }
      if (now - since < limitMs || isAsked) return;
      isAsked = true;
      void this.#lookForOthers(run).then(() => {
        isAsked = false;
        if (countMoved(run) !== moved) return; // Others than those below it were not known: they count from now on.
        clearInterval(timer);
        this.#reach({ kind: "stall", run, limitMs });
      });
    }, stepMs);
    return () => clearInterval(timer);
  }

  /** One that has ended meanwhile has kept its limit, unless what it has left behind goes on for it. */
  #reach(
    reached: { readonly kind: "timeout" | "stall"; readonly run: ProcessRun; readonly limitMs: number },
  ): void {
    const { run } = reached;
    if (this.has(run) && (run.pid !== undefined || run.left.pids.length > 0)) this.#hooks.onReached(reached);
  }

  /** What has left the tree of a process, or outlived it, is as much its own. */
  async #lookForOthers(run: ProcessRun): Promise<void> {
    const below = run.pid === undefined ? [] : listTree(run.pid);
    const { pids } = await this.#left.find(run);
    run.left = { ...run.left, pids: pids.filter((pid) => !below.includes(pid)) };
  }

  /** True while a limit of time of its own is watched. */
  has(run: ProcessRun): boolean {
    return this.#timers.has(run);
  }

  end(run: ProcessRun): void {
    for (const stop of this.#timers.get(run) ?? []) stop();
    this.#timers.delete(run);
  }

  stop(): void {
    for (const stops of this.#timers.values()) for (const stop of stops) stop();
    this.#timers.clear();
  }
}

/** Bytes that the actor's processes have read and written, of whatever kind. */
function countMoved({ pid, left: { pids } }: ProcessRun): number {
  let sum = 0;
  for (const each of [...pid === undefined ? [] : listTree(pid), ...pids]) {
    const traffic = readTraffic(each);
    sum += traffic === undefined ? 0 : traffic.bytesIn + traffic.bytesOut;
  }
  return sum;
}

/** True when it can do nothing but wait for the pipes it was given. */
function waitsForOthers({ pid, left: { pids }, open: { pipes } }: ProcessRun): boolean {
  return (pid === undefined ? pids : [pid]).every((each) => {
    const found = readWaits(each, pipes);
    return found.kind === "waits" && found.at.some(({ pipe }) => pipes.has(pipe));
  });
}
