/**
 * When it is to be looked whether processes have read what they were given, which nobody tells.
 */
export class NextLook {
  #at = Infinity;

  get at(): number {
    return this.#at;
  }

  /** Looks at the time `at` at the latest. */
  by(at: number): void {
    this.#at = Math.min(this.#at, at);
  }

  /** True once when the time has come. */
  take(now: number): boolean {
    if (now < this.#at) return false;
    this.#at = Infinity;
    return true;
  }
}
