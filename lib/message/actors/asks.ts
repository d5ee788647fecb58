/**
 * Requests whose senders wait for the answer, and do nothing else meanwhile. So they can wait for each other:
 *
 *   a ──asks──▶ b ──asks──▶ c ──asks──▶ a        the last one is answered with DEADLOCK
 */
import { ASKS_SETTLED_MAX } from "../../core/limits/message.ts";
import type { ActorProcess } from "./actor_process.ts";
import type { Cell } from "./cell.ts";
import { activeOf } from "./process_of.ts";
import type { Timer, TimerHeap } from "../../data/timer_heap.ts";

export interface Ask {
  readonly id: string;
  readonly asker: ActorProcess;
  /** The asking instance, when it lives in a process with others. */
  readonly address: string;
  readonly cell: Cell;
  /** When it is given up, in milliseconds of the engine's clock. */
  readonly deadline: number;
  /** The process that has it. */
  givenTo?: ActorProcess | undefined;
}

export class Asks {
  readonly #heap: TimerHeap;
  readonly #onExpired: (ask: Ask) => void;
  readonly #byId = new Map<string, { readonly ask: Ask; readonly timer: Timer }>();
  readonly #byAsker = new Map<ActorProcess, Set<Ask>>();
  /** The newest of those that have their answer, and who asked: he gets no second one. */
  readonly #settled = new Map<string, string>();

  /** `onExpired` is called when the time of a request is over; it is not there any more then. */
  constructor({ heap, onExpired }: { readonly heap: TimerHeap; readonly onExpired: (ask: Ask) => void }) {
    this.#heap = heap;
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** True when nobody has asked anything that is still remembered. */
  get isUnused(): boolean {
    return this.#byId.size === 0 && this.#settled.size === 0;
  }

  /** One that has its identity, such as that to another one of several receivers, is forgotten: it has one answer. */
  add(ask: Ask): void {
    const same = this.#byId.get(ask.id);
    if (same !== undefined) this.remove(same.ask);
    this.#settled.delete(ask.id);
    const timer = { at: ask.deadline, fire: () => this.#expire(ask) };
    this.#byId.set(ask.id, { ask, timer });
    this.#heap.add(timer);
    const asked = this.#byAsker.get(ask.asker);
    if (asked === undefined) this.#byAsker.set(ask.asker, new Set([ask]));
    else asked.add(ask);
  }

  get(id: string): Ask | undefined {
    return this.#byId.get(id)?.ask;
  }

  /** It is answered, or nobody waits any more. */
  remove(ask: Ask): void {
    const known = this.#byId.get(ask.id);
    if (known?.ask !== ask) return;
    this.#heap.cancel(known.timer);
    this.#forget(ask);
  }

  /** True when `asker` has had an answer to this request. */
  isSettled(id: string, asker: string): boolean {
    return this.#settled.get(id) === asker;
  }

  #expire(ask: Ask): void {
    if (this.#byId.get(ask.id)?.ask !== ask) return;
    this.#forget(ask);
    this.#onExpired(ask);
  }

  #forget(ask: Ask): void {
    this.#byId.delete(ask.id);
    const asked = this.#byAsker.get(ask.asker);
    asked?.delete(ask);
    if (asked?.size === 0) this.#byAsker.delete(ask.asker);
    this.#settled.set(ask.id, ask.address);
    if (this.#settled.size > ASKS_SETTLED_MAX) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const id of this.#settled.keys()) {
      this.#settled.delete(id);
      return;
    }
  }

  /** True while a process waits for an answer. */
  isAsking(process: ActorProcess): boolean {
    return this.#byAsker.has(process);
  }

  /** Those for whose answers a process waits. */
  of(process: ActorProcess): readonly Ask[] {
    return [...this.#byAsker.get(process) ?? []];
  }

  /** Those that a process has. */
  givenTo(process: ActorProcess): readonly Ask[] {
    return [...this.#byId.values()].map(({ ask }) => ask).filter((ask) => ask.givenTo === process);
  }
}

/**
 * Who would wait for whom when `asker` waited for `cell`, as addresses from the asker back to itself; undefined when
 * somebody of them can go on. A pool can go on while one member does.
 */
export function findAskRing(asks: Asks, asker: ActorProcess, cell: Cell): readonly string[] | undefined {
  const ring = walk(cell, { asks, asker, path: [asker.cell] });
  return ring === undefined ? undefined : [...ring, asker.cell].map(({ address }) => address);
}

function walk(
  cell: Cell,
  { asks, asker, path }: {
    readonly asks: Asks;
    readonly asker: ActorProcess;
    readonly path: readonly Cell[];
  },
): readonly Cell[] | undefined {
  const active = activeOf(cell);
  const isWhole = active.length > 0 && active.length === cell.places.length;
  if (path.includes(cell)) {
    // The asker is not in a pool's way while another member is free.
    return isWhole && active.every((process) => process === asker || asks.isAsking(process))
      ? path
      : undefined;
  }
  if (!isWhole) return undefined;
  let found: readonly Cell[] | undefined;
  for (const process of active) {
    const next = asks.of(process).map((ask) => walk(ask.cell, { asks, asker, path: [...path, cell] }))
      .find((ring) => ring !== undefined);
    if (next === undefined) return undefined;
    found = next;
  }
  return found;
}
