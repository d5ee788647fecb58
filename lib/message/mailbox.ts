/**
 * Messages that wait for an actor: higher priorities first, equal ones in their order. It holds at most `size`; what
 * happens beyond is its overflow mode.
 */
import type { Overflow } from "../core/messaging.ts";
import type { Part } from "./byte_buffer.ts";
import { Deque } from "./deque.ts";

export interface Waiting extends Part {
  readonly priority: number;
}

/** Keeps the bytes of messages outside of memory. */
export interface MailStore {
  /** Gives the place where they are. */
  put(part: Part): number;
  get(place: number, length: number): Uint8Array;
  /** Nothing that was put is needed any more. */
  clear(): void;
}

export type Offered<Item> =
  | { readonly is: "kept" }
  /** There is no room: the sender has to wait, or its message is rejected. */
  | { readonly is: "full" }
  /** It was kept, and the oldest one dropped. */
  | { readonly is: "dropped"; readonly item: Item };

const KEPT = { is: "kept" } as const;
const FULL = { is: "full" } as const;

interface Entry<Item> {
  /** Grows with every message. */
  readonly order: number;
  item: Item;
  /** Where its bytes are, when they are not in memory. */
  readonly spilled?: { readonly place: number; readonly length: number };
}

export class Mailbox<Item extends Waiting> {
  /** How many it may hold; more than at first when a ring of waiting was resolved. */
  size: number;
  readonly overflow: Overflow;
  readonly #store: MailStore | undefined;
  /** By priority, highest first. */
  readonly #bands: { readonly priority: number; readonly queue: Deque<Entry<Item>> }[] = [];
  #length = 0;
  #spilled = 0;
  #order = 0;
  #frontOrder = 0;

  /** `store` is needed for the mode `spill`. */
  constructor(
    { size, overflow }: { readonly size: number; readonly overflow: Overflow },
    store?: MailStore,
  ) {
    this.size = size;
    this.overflow = overflow;
    this.#store = store;
  }

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length >= this.size && (this.overflow === "block" || this.overflow === "reject");
  }

  /** Puts a message in, as far as the mode allows. */
  offer(item: Item): Offered<Item> {
    if (this.#length < this.size) {
      this.push(item);
      return KEPT;
    }
    switch (this.overflow) {
      case "block":
      case "reject":
        return FULL;
      case "drop-oldest": {
        const oldest = this.#dropOldest();
        this.push(item);
        return oldest === undefined ? KEPT : { is: "dropped", item: oldest };
      }
      case "spill":
        if (this.#store === undefined) this.push(item);
        else this.#spill(item, this.#store);
        return KEPT;
    }
  }

  /** Puts a message in, whatever there is room for. */
  push(item: Item): void {
    this.#band(item.priority).push({ order: this.#order++, item });
    this.#length += 1;
  }

  /** Puts a message back, before those of its priority. */
  putBack(item: Item): void {
    this.#band(item.priority).unshift({ order: --this.#frontOrder, item });
    this.#length += 1;
  }

  /** The next message. */
  shift(): Item | undefined {
    for (const { queue } of this.#bands) {
      const entry = queue.shift();
      if (entry !== undefined) return this.#taken(entry);
    }
    return undefined;
  }

  /** Takes out everything, in order. */
  drain(): readonly Item[] {
    const items: Item[] = [];
    for (let item = this.shift(); item !== undefined; item = this.shift()) items.push(item);
    return items;
  }

  #taken(entry: Entry<Item>): Item {
    this.#length -= 1;
    if (entry.spilled === undefined || this.#store === undefined) return entry.item;
    const { place, length } = entry.spilled;
    const bytes = this.#store.get(place, length);
    this.#spilled -= 1;
    if (this.#spilled === 0) this.#store.clear();
    return { ...entry.item, bytes, start: 0, end: length };
  }

  #dropOldest(): Item | undefined {
    let oldest: Deque<Entry<Item>> | undefined;
    for (const { queue } of this.#bands) {
      if (queue.first !== undefined && queue.first.order < (oldest?.first?.order ?? Infinity)) oldest = queue;
    }
    const entry = oldest?.shift();
    return entry === undefined ? undefined : this.#taken(entry);
  }

  #spill(item: Item, store: MailStore): void {
    const length = item.end - item.start;
    const place = store.put(item);
    const order = this.#order++;
    this.#band(item.priority).push({
      order,
      item: { ...item, bytes: NONE, start: 0, end: 0 },
      spilled: { place, length },
    });
    this.#spilled += 1;
    this.#length += 1;
  }

  #band(priority: number): Deque<Entry<Item>> {
    const at = this.#bands.findIndex((band) => band.priority <= priority);
    const known = this.#bands[at];
    if (known?.priority === priority) return known.queue;
    const queue = new Deque<Entry<Item>>();
    this.#bands.splice(at < 0 ? this.#bands.length : at, 0, { priority, queue });
    return queue;
  }
}

const NONE = new Uint8Array();
