/**
 * The timers of actors: each has those that it has set, by their ids.
 */
import { TICK_MIN_MS } from "../../core/limits/message.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Timer, TimerHeap } from "../../data/timer_heap.ts";

/** Who has set a timer. */
export interface TimerOwner {
  readonly process: ActorProcess;
  readonly address: string;
}

interface Wanted {
  readonly id: unknown;
  readonly ms: number;
  readonly isOnce: boolean;
}

interface SetTimer extends Wanted {
  readonly owner: TimerOwner;
  readonly key: string;
  timer: Timer;
  /** Its last tick waits in the mailbox: no other one is put there. */
  isWaiting: boolean;
}

export class Timers {
  readonly #heap: TimerHeap;
  readonly #delivery: Delivery;
  readonly #now: () => number;
  readonly #byKey = new Map<string, SetTimer>();

  constructor(
    { heap, delivery, now }: {
      readonly heap: TimerHeap;
      readonly delivery: Delivery;
      readonly now: () => number;
    },
  ) {
    this.#heap = heap;
    this.#delivery = delivery;
    this.#now = now;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Sets a timer; one with the same id is replaced. */
  set(owner: TimerOwner, wanted: Wanted): void {
    this.cancel(owner, wanted.id);
    const key = keyOf(owner, wanted.id);
    const at = this.#now() + Math.max(wanted.isOnce ? 0 : TICK_MIN_MS, wanted.ms);
    const set: SetTimer = {
      ...wanted,
      owner,
      key,
      isWaiting: false,
      timer: { at, fire: () => this.#fire(set) },
    };
    this.#byKey.set(key, set);
    this.#heap.add(set.timer);
  }

  /** False when there is none. */
  cancel(owner: TimerOwner, id: unknown): boolean {
    const set = this.#byKey.get(keyOf(owner, id));
    if (set === undefined) return false;
    this.#remove(set);
    return true;
  }

  /** Drops those of an actor that has failed for good. */
  drop(fits: (process: ActorProcess) => boolean): void {
    for (const set of this.#byKey.values()) if (fits(set.owner.process)) this.#remove(set);
  }

  #remove(set: SetTimer): void {
    this.#byKey.delete(set.key);
    this.#heap.cancel(set.timer);
  }

  #fire(set: SetTimer): void {
    if (set.isOnce) this.#byKey.delete(set.key);
    else {
      // From when it was due, so that ticks do not drift; those that were missed are left out.
      const now = this.#now();
      const every = Math.max(TICK_MIN_MS, set.ms);
      const missed = Math.floor((now - set.timer.at) / every);
      set.timer = { at: set.timer.at + every * (missed + 1), fire: () => this.#fire(set) };
      this.#heap.add(set.timer);
    }
    if (set.isWaiting) return;
    const { cell } = set.owner.process;
    const instance = cell.instances === undefined
      ? undefined
      : set.owner.address.slice(cell.actor.name.length + 1);
    // The process that set it may be gone by now, and so may its host.
    const home = cell.key === undefined ? cell : cell.actor.cellOf(cell.key);
    const host = instance === undefined || instance === "" ? home : cell.actor.cellOf(instance);
    set.isWaiting = !set.isOnce;
    this.#delivery.send(host, {
      type: "Timeout",
      sender: "$timer",
      receiver: set.owner.address,
      message: { id: set.id },
      key: instance === "" ? undefined : instance,
      onGiven: () => set.isWaiting = false,
    });
  }
}

function keyOf({ address, process }: TimerOwner, id: unknown): string {
  // Each member of a pool has its own.
  const member = process.cell.places.length > 1 ? process.id : "";
  return `${address} ${member} ${JSON.stringify(id)}`;
}
