/**
 * Tells of what others do wrong: the same again and again ever more seldom.
 */
const TROUBLES_MAX = 1000;

export class TroubleTeller {
  readonly #tell: (text: string) => void;
  /** How often each was met. */
  readonly #counts = new Map<string, number>();

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  tell(text: string): void {
    const count = (this.#counts.get(text) ?? 0) + 1;
    if (this.#counts.size > TROUBLES_MAX) this.#counts.clear();
    this.#counts.set(text, count);
    // The first, and every one that doubles their number.
    if ((count & (count - 1)) === 0) this.#tell(text);
  }
}
