/** A queue from which the first is taken without moving the others. */
export class Deque<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Puts one before all others. */
  unshift(item: Item): void {
    if (this.#head > 0) this.#items[--this.#head] = item;
    else this.#items.unshift(item);
  }

  shift(): Item | undefined {
    const item = this.#items[this.#head];
    if (this.#head >= this.#items.length) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    } else if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    }
    return item;
  }

  /** Takes out the first one that fits. */
  remove(fits: (item: Item) => boolean): Item | undefined {
    for (let at = this.#head; at < this.#items.length; at++) {
      const item = this.#items[at];
      if (item === undefined || !fits(item)) continue;
      if (at === this.#head) return this.shift();
      this.#items.splice(at, 1);
      return item;
    }
    return undefined;
  }

  /** In order; what is there is not touched. */
  list(): readonly Item[] {
    return this.#items.slice(this.#head) as Item[]; // Only what was taken is undefined.
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
