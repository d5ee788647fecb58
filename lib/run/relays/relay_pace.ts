/**
 * When relays rest for a moment. Many programs write a few KiB at a time; whoever waits for them is woken for each, and
 * then most of the time goes into waking. When that happens again and again, as fast as it can, what comes is left in
 * its pipe for a part of a millisecond and taken in one piece. So it is when pipes are filled that are not to be read now:
 * the system tells of each write. What comes now and then is never kept waiting.
 */
import { REST_AFTER, REST_MS_MAX, REST_MS_STEP, REST_QUIET_MS } from "../../core/limits/relay_pace.ts";
import { PIPE_BYTES } from "../../core/limits/streams.ts";

/** Less than this is a small piece. So much fills a pipe where a large one is not to be had: its writer must not wait. */
const SMALL_BYTES = PIPE_BYTES / 32;
const LARGE_BYTES = PIPE_BYTES / 16;

export class RelayPace {
  #restMs = 0;
  #smallPieces = 0;
  #moved = 0;

  /**
   * How long to rest when nothing is left to be moved, in milliseconds. `moved` is how much has been up to now, and
   * `waitedMs` how long something was waited for before.
   */
  next(waitedMs: number, moved: number): number {
    const piece = moved - this.#moved;
    this.#moved = moved;
    if (waitedMs > REST_QUIET_MS) {
      this.#smallPieces = 0;
      this.#restMs = 0;
    } else if (piece < SMALL_BYTES) {
      if (++this.#smallPieces > REST_AFTER) this.#restMs = Math.min(REST_MS_MAX, this.#restMs + REST_MS_STEP);
    } else if (piece >= LARGE_BYTES) {
      this.#restMs = Math.max(0, this.#restMs - REST_MS_STEP);
    }
    return this.#restMs;
  }
}
