/**
 * How long the last messages of an actor have taken, as percentiles.
 */

/** So many of them are looked at. */
const SEEN_MAX = 256;

export class Latencies {
  readonly #seen: number[] = [];
  #next = 0;

  add(ms: number): void {
    this.#seen[this.#next] = Math.max(0, ms);
    this.#next = (this.#next + 1) % SEEN_MAX;
  }

  /** Undefined when there are none. */
  percentile(share: number): number | undefined {
    const sorted = this.#seen.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  }
}
