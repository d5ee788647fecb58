/**
 * Looks for full mailboxes that wait for each other, while there are senders that wait: one of each ring grows, as long
 * as there is room for what it holds.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import { RING_LOOK_MS } from "../../core/limits/message.ts";
import type { Delivery } from "./delivery.ts";
import { FullRings } from "./full_rings.ts";

export interface RingWatchContext extends Pick<EngineBase, "directory" | "now" | "tell"> {
  readonly delivery: Delivery;
}

export class RingWatch {
  readonly #context: RingWatchContext;
  readonly #rings = new FullRings();
  #at = Infinity;

  constructor(context: RingWatchContext) {
    this.#context = context;
  }

  /** When it is to be looked next. */
  get at(): number {
    return this.#at;
  }

  /** A sender waits for room. */
  note(): void {
    if (this.#at === Infinity) this.#at = this.#context.now() + RING_LOOK_MS;
  }

  /** Looks when it is time. */
  look(): void {
    const { directory, delivery, now, tell } = this.#context;
    if (now() < this.#at) return;
    const { cells } = directory;
    for (const { cell, ring } of this.#rings.look(cells)) {
      const full = ring.find(({ mailbox }) => mailbox.refused !== undefined);
      if (full !== undefined) {
        delivery.noRoom.tell(full);
        continue;
      }
      const addresses = ring.map(({ address }) => address);
      tell({ type: "mailbox-grown", actor: cell.address, size: cell.mailbox.size, ring: addresses });
      delivery.dirty.add(cell);
    }
    this.#at = cells.some((cell) => cell.waiting.size > 0) ? now() + RING_LOOK_MS : Infinity;
  }
}
