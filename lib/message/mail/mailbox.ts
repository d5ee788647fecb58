/**
 * Messages that wait for an actor: higher priorities first, equal ones in their order. It holds at most `size` and a
 * share of the memory; what happens beyond is its overflow mode.
 */
import type { Overflow } from "../../core/messaging.ts";
import type { Part } from "../../data/byte_buffer.ts";
import type { NoRoom } from "../../data/block_store.ts";
import { Deque } from "../../data/deque.ts";
import { costOf, type MailPlace, type MailRoom } from "./mail_room.ts";

export interface MailboxItem extends Part {
  readonly priority: number;
}

export type Offer<Item> =
  | { readonly is: "kept" }
  /** There is no room: the sender has to wait, or its message is rejected. */
  | { readonly is: "full" }
  /** It was kept, and the oldest ones dropped. */
  | { readonly is: "dropped"; readonly items: readonly Item[] };

const KEPT = { is: "kept" } as const;
const FULL = { is: "full" } as const;

interface Entry<Item> {
  /** Grows with every message. */
  readonly order: number;
  readonly item: Item;
  readonly cost: number;
  readonly place: MailPlace;
}

export class Mailbox<Item extends MailboxItem> {
  /** How many it may hold, and how many bytes; more than at first when a ring of waiting was resolved. */
  size: number;
  bytesMax: number;
  readonly overflow: Overflow;
  /** Why the last message found no room in memory or on disk, until there is some again. */
  refused: NoRoom | undefined;
  readonly #room: MailRoom;
  /** By priority, highest first. */
  readonly #bands: { readonly priority: number; readonly queue: Deque<Entry<Item>> }[] = [];
  #length = 0;
  #bytes = 0;
  #order = 0;
  #frontOrder = 0;

  constructor(
    { size, overflow }: { readonly size: number; readonly overflow: Overflow },
    room: MailRoom,
  ) {
    this.size = size;
    this.bytesMax = room.mailboxBytes;
    this.overflow = overflow;
    this.#room = room;
  }

  get length(): number {
    return this.#length;
  }

  /** What it holds, in memory and on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    if (this.#length === 0) return false;
    const isOver = this.#length >= this.size || this.#bytes >= this.bytesMax;
    return this.refused !== undefined || isOver && (this.overflow === "block" || this.overflow === "reject");
  }

  /** Puts a message in, as far as the mode allows. One always fits. */
  offer(item: Item): Offer<Item> {
    const hasRoom = this.#length < this.size && this.#bytes < this.bytesMax || this.#length === 0;
    switch (this.overflow) {
      case "block":
      case "reject":
        return hasRoom && this.#keep(item, this.#room.find(item)) ? KEPT : FULL;
      case "drop-oldest": {
        const items = this.#dropFor(item);
        this.push(item);
        return items.length === 0 ? KEPT : { is: "dropped", items };
      }
      case "spill":
        return this.#keep(item, hasRoom ? this.#room.find(item) : this.#room.spill(item)) ? KEPT : FULL;
    }
  }

  /** A message in its place. False when there is none for it, unless it is the only one. */
  #keep(item: Item, found: MailPlace | undefined): boolean {
    if (found === undefined && this.#length > 0) {
      this.refused = this.#room.noRoom;
      return false;
    }
    const place = found ?? this.#room.hold(item);
    this.#band(item.priority).push(this.#enter(item, { place, order: this.#order++ }));
    return true;
  }

  #enter(item: Item, { place, order }: Pick<Entry<Item>, "place" | "order">): Entry<Item> {
    const cost = costOf(item);
    this.#length += 1;
    this.#bytes += cost;
    const kept = place.is === "memory" ? item : { ...item, bytes: NONE, start: 0, end: 0 };
    return { order, item: kept, cost, place };
  }

  /** Puts a message in, whatever there is room for. */
  push(item: Item): void {
    const place = this.#room.find(item) ?? this.#room.hold(item);
    this.#band(item.priority).push(this.#enter(item, { place, order: this.#order++ }));
  }

  /** Puts a message back, before those of its priority. */
  putBack(item: Item): void {
    const place = this.#room.hold(item);
    this.#band(item.priority).unshift(this.#enter(item, { place, order: --this.#frontOrder }));
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

  #taken({ item, cost, place }: Entry<Item>): Item {
    this.#length -= 1;
    this.#bytes -= cost;
    this.refused = undefined;
    const bytes = this.#room.leave(place);
    return bytes === undefined ? item : { ...item, bytes, start: 0, end: bytes.length };
  }

  /** Makes room for one more. */
  #dropFor(item: Item): readonly Item[] {
    const items: Item[] = [];
    while (this.#length >= this.size || this.#bytes + costOf(item) > this.bytesMax) {
      const oldest = this.#dropOldest();
      if (oldest === undefined) break;
      items.push(oldest);
    }
    return items;
  }

  #dropOldest(): Item | undefined {
    let oldest: Deque<Entry<Item>> | undefined;
    for (const { queue } of this.#bands) {
      if (queue.first !== undefined && queue.first.order < (oldest?.first?.order ?? Infinity)) oldest = queue;
    }
    const entry = oldest?.shift();
    return entry === undefined ? undefined : this.#taken(entry);
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
