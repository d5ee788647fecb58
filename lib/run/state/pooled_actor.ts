/**
 * An actor with workers in one run: which of its copies live, and how it has gone so far. Each copy is an `ActorRun` of
 * its own, so limits, retries and the verdict are those of any process.
 *
 *   relays: "copy wanted" ─▶ a process is started ─▶ its pipes are given to the relays ─▶ it ends ─▶ the relays are told
 *   relays: "pool ended"  ─▶ all input was shared out, and no process is left
 */
import { ActorRun } from "./actor_run.ts";

export class PooledActor {
  readonly run: ActorRun;
  /** Its number in the topology of the relays. */
  readonly id: number;
  /** Places it holds among the processes of the run. */
  readonly places: number;
  readonly live = new Set<ActorRun>();
  hasFailed = false;
  /** Processes that have run. */
  started = 0;
  readonly #slots = new Map<number, ActorRun>();

  constructor(run: ActorRun, { id, places }: { readonly id: number; readonly places: number }) {
    this.run = run;
    this.id = id;
    this.places = places;
  }

  /** Another copy; it has the lowest number that no living copy has. */
  add(index: number): ActorRun {
    let slot = 1;
    while (this.#slots.has(slot)) slot += 1;
    const copy = new ActorRun(this.run.actor, { pool: this.id, index, slot });
    this.#slots.set(slot, copy);
    this.live.add(copy);
    this.started += 1;
    return copy;
  }

  /** A copy has ended for good. */
  remove(copy: ActorRun): void {
    this.live.delete(copy);
    if (copy.copy?.slot !== undefined) this.#slots.delete(copy.copy.slot);
    this.run.process.noteMemory(copy.process.peakMemoryBytes);
  }
}
