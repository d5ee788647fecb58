/**
 * Bytes a second of what is counted: over the last second or so, so that a look in between is no jump.
 */

/** How much of a rate is what was seen last. */
const NEW_SHARE = 0.4;

export class Rates {
  readonly #known = new Map<string, { bytes: number; at: number; rate: number }>();

  /** Undefined when it is not known yet. */
  note(name: string, bytes: number | undefined, at: number): number | undefined {
    if (bytes === undefined) return undefined;
    const before = this.#known.get(name);
    if (before === undefined) {
      this.#known.set(name, { bytes, at, rate: 0 });
      return undefined;
    }
    const passed = at - before.at;
    if (passed <= 0) return Math.round(before.rate);
    const seen = Math.max(0, bytes - before.bytes) * 1000 / passed;
    // What was not seen moving for long has no rate from before.
    const rate = before.rate === 0 ? seen : before.rate * (1 - NEW_SHARE) + seen * NEW_SHARE;
    const rounded = rate < 1 ? 0 : rate;
    this.#known.set(name, { bytes, at, rate: rounded });
    return Math.round(rounded);
  }
}
