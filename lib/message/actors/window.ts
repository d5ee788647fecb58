/**
 * How much may be on its way to a process: what it handles in a few milliseconds. One message at first; as long as
 * what was sent is soon taken, twice as much. So with a slow actor everything else waits where priorities count, and a
 * fast one is never without work.
 */
const SOON_MS = 4;
const LATE_MS = 20;

export class Window {
  readonly #max: number;
  #limit: number;
  /** What was sent and what of it was taken, in all. */
  #sent = 0;
  #taken = 0;
  /** When so much was sent; it is looked at when that much was taken. */
  #probe: { readonly sent: number; readonly at: number } | undefined;

  constructor({ first, max }: { readonly first: number; readonly max: number }) {
    this.#limit = first;
    this.#max = max;
  }

  get inFlight(): number {
    return this.#sent - this.#taken;
  }

  get limit(): number {
    return this.#limit;
  }

  /** One message always fits when nothing is on its way. */
  fits(cost: number): boolean {
    const { inFlight } = this;
    return inFlight <= 0 || inFlight + cost <= this.#limit;
  }

  sent(cost: number, now: number): void {
    this.#sent += cost;
    if (this.#probe === undefined && this.inFlight + cost > this.#limit) {
      this.#probe = { sent: this.#sent, at: now };
    }
  }

  /** So much more was taken. */
  took(cost: number, now: number): void {
    this.#taken = Math.min(this.#sent, this.#taken + cost);
    if (this.#probe === undefined || this.#taken < this.#probe.sent) return;
    const ms = now - this.#probe.at;
    this.#probe = undefined;
    if (ms < SOON_MS) this.#limit = Math.min(this.#max, this.#limit * 2);
    else if (ms > LATE_MS) this.#limit = Math.max(1, this.#limit >> 1);
  }

  /** What is on its way is not enough for the process to go on. False when no more may be. */
  grow(): boolean {
    if (this.#limit >= this.#max) return false;
    this.#limit = Math.min(this.#max, this.#limit * 2);
    this.#probe = undefined;
    return true;
  }

  /** Everything but `left` was taken. */
  leave(left: number, now: number): void {
    this.took(Math.max(0, this.inFlight - left), now);
  }
}
