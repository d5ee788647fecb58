/**
 * Timers by the time when they are due: a binary heap. A timer that was cancelled stays until its time, or until half
 * of all are such.
 */
export interface Timer {
  /** When it is due, in milliseconds of the caller's clock. */
  readonly at: number;
  readonly fire: () => void;
}

interface Entry {
  readonly timer: Timer;
  /** Of two for the same time the older one is first. */
  readonly order: number;
}

export class TimerHeap {
  #heap: Entry[] = [];
  readonly #dead = new Set<Timer>();
  #order = 0;

  /** How many there are. */
  get size(): number {
    return this.#heap.length - this.#dead.size;
  }

  add(timer: Timer): void {
    this.#heap.push({ timer, order: this.#order++ });
    this.#rise(this.#heap.length - 1);
  }

  /** A timer that was added and has not fired. */
  cancel(timer: Timer): void {
    this.#dead.add(timer);
    if (this.#dead.size < 64 || this.#dead.size * 2 < this.#heap.length) return;
    this.#heap = this.#heap.filter((entry) => !this.#dead.has(entry.timer)).sort((a, b) => compare(a, b));
    this.#dead.clear();
  }

  /** When the next one is due; Infinity when there is none. */
  get next(): number {
    this.#dropDead();
    return this.#heap[0]?.timer.at ?? Infinity;
  }

  /** Fires at most `max` timers that are due. */
  fire(now: number, max: number): void {
    for (let count = 0; count < max; count++) {
      this.#dropDead();
      const [first] = this.#heap;
      if (first === undefined || first.timer.at > now) return;
      this.#removeFirst();
      first.timer.fire();
    }
  }

  #dropDead(): void {
    for (
      let [first] = this.#heap;
      first !== undefined && this.#dead.delete(first.timer);
      [first] = this.#heap
    ) {
      this.#removeFirst();
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(at: number): void {
    for (let parent = (at - 1) >> 1; at > 0 && this.#swapIfLater(parent, at); parent = (at - 1) >> 1) {
      at = parent;
    }
  }

  #sink(at: number): void {
    for (;;) {
      const left = at * 2 + 1;
      const right = left + 1;
      const [a, b] = [this.#heap[left], this.#heap[right]];
      const child = b !== undefined && a !== undefined && compare(b, a) < 0 ? right : left;
      if (a === undefined || !this.#swapIfLater(at, child)) return;
      at = child;
    }
  }

  #swapIfLater(parent: number, child: number): boolean {
    const [a, b] = [this.#heap[parent], this.#heap[child]];
    if (a === undefined || b === undefined || compare(a, b) <= 0) return false;
    this.#heap[parent] = b;
    this.#heap[child] = a;
    return true;
  }
}

function compare(a: Entry, b: Entry): number {
  return a.timer.at - b.timer.at || a.order - b.order;
}
