/**
 * What a run was, in a line or two at its end.
 */
import type { RunEvent } from "../../core/event.ts";
import { formatBytes } from "./format_bytes.ts";
import { formatDuration } from "./format_duration.ts";
import { shownName } from "./shown_name.ts";

const SLOWEST_MAX = 5;

export class RunSummary {
  #actors = 0;
  #cached = 0;
  #restarts = 0;
  /** Of files of `out` that are in place; what goes past the engine is not counted. */
  #bytes = 0;
  /** The slowest first. */
  #slowest: { readonly actor: string; readonly durationMs: number }[] = [];

  note(event: RunEvent): void {
    if (event.type === "actor-retried" || event.type === "actor-restarted") this.#restarts += 1;
    else if (event.type === "output") this.#bytes += event.output.isKept ? event.output.bytes ?? 0 : 0;
    else if (event.type === "actor-ended") {
      const { cached, durationMs } = event.result;
      this.#actors += 1;
      if (cached === true) this.#cached += 1;
      else if (durationMs !== undefined) this.#noteDuration(event.actor, durationMs);
    }
  }

  #noteDuration(actor: string, durationMs: number): void {
    const last = this.#slowest.at(-1);
    if (this.#slowest.length === SLOWEST_MAX && last !== undefined && last.durationMs >= durationMs) return;
    this.#slowest.push({ actor, durationMs });
    this.#slowest.sort((a, b) => b.durationMs - a.durationMs).splice(SLOWEST_MAX);
  }

  /** `1.2 s: 10 actors, 3 from the cache, 1 restart, 5 MiB written` */
  describe(durationMs: number): string {
    const figures = [
      `${this.#actors} ${this.#actors === 1 ? "actor" : "actors"}`,
      ...this.#cached === 0 ? [] : [`${this.#cached} from the cache`],
      ...this.#restarts === 0 ? [] : [`${this.#restarts} ${this.#restarts === 1 ? "restart" : "restarts"}`],
      ...this.#bytes === 0 ? [] : [`${formatBytes(this.#bytes)} written`],
    ];
    return `${formatDuration(durationMs)}: ${figures.join(", ")}`;
  }

  /** `slowest: a 1.1 s, b 20 ms`; undefined when there is nobody to compare with. */
  describeSlowest(): string | undefined {
    if (this.#slowest.length < 2) return undefined;
    return `slowest: ${
      this.#slowest.map(({ actor, durationMs }) => `${shownName(actor)} ${formatDuration(durationMs)}`).join(
        ", ",
      )
    }`;
  }
}
