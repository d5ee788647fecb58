/**
 * How much processor time each of several processes was seen with, and whether one that has ended meanwhile has come to
 * its limit, as far as that can be known of processes whose end nobody is told of.
 */
import { constants } from "node:os";
import { CPU_UNSEEN_SHARE } from "../../core/limits/process.ts";
import { listThreads, readExitSignal, readProcessorTime } from "./process_table.ts";
import { monotonicMs } from "../../host/time/monotonic_ms.ts";

interface Seen {
  readonly usedMs: number;
  readonly threads: number;
  readonly at: number;
}

const OF_LIMIT: readonly (number | undefined)[] = [constants.signals.SIGXCPU, constants.signals.SIGKILL];

export class ProcessorTimes {
  #seen: ReadonlyMap<number, Seen> = new Map();

  look(
    pids: readonly number[],
    limitMs: number,
  ): { readonly mostMs: number; readonly mayHaveReached: boolean } {
    const now = monotonicMs();
    const seen = new Map<number, Seen>();
    let mostMs = 0;
    let mayHaveReached = false;
    for (const pid of new Set([...this.#seen.keys(), ...pids])) {
      const usedMs = readProcessorTime(pid);
      const ended = readExitSignal(pid);
      mostMs = Math.max(mostMs, usedMs ?? 0);
      if (ended === undefined && usedMs !== undefined) {
        seen.set(pid, { usedMs, threads: listThreads(pid).length, at: now });
        continue;
      }
      const last = this.#seen.get(pid);
      if (last === undefined) continue;
      // Each of its threads may have run since.
      const mostUsedMs = usedMs ?? last.usedMs + last.threads * (now - last.at);
      const isOfLimit = ended === undefined || OF_LIMIT.includes(ended);
      mayHaveReached ||= isOfLimit && mostUsedMs >= limitMs * CPU_UNSEEN_SHARE;
    }
    this.#seen = seen;
    return { mostMs, mayHaveReached };
  }
}
