/**
 * Passivates what is not used: instances of keyed actors, and processes that are started by their first message.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import { SILENT_AT_WORK_MS } from "../../core/limits/message.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Cell } from "../actors/cell.ts";
import type { Doing } from "../actors/doing.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { MessageActor } from "../actors/message_actor.ts";
import { activeOf, processIn } from "../actors/process_of.ts";
import type { Places } from "./places.ts";

export interface IdleOptions extends Pick<EngineBase, "asks" | "heap" | "now" | "tell"> {
  readonly doingOf: (process: ActorProcess) => Doing;
  readonly delivery: Delivery;
  readonly places: Places;
  /** Without it nothing is let go because it is idle. */
  readonly idleMs: number | undefined;
}

/** How often within the time it is looked. */
const LOOKS = 4;
const LOOK_MIN_MS = 10;
/** The same where nothing is let go because it is idle. */
const LOOK_REST_MS = 10_000;

export class IdleWatch {
  readonly #actor: MessageActor;
  readonly #options: IdleOptions;

  constructor(actor: MessageActor, options: IdleOptions) {
    this.#actor = actor;
    this.#options = options;
  }

  begin(): void {
    const { heap, now, idleMs } = this.#options;
    const looksAfterMs = Math.max(LOOK_MIN_MS, (idleMs ?? LOOK_REST_MS) / LOOKS);
    heap.add({ at: now() + looksAfterMs, fire: () => this.#look() });
  }

  #look(): void {
    if (this.#options.places.isEnding || this.#actor.failed !== undefined) return;
    for (const cell of [...this.#actor.cells]) {
      // What waits here may be for any of its instances.
      if (cell.mailbox.length > 0 || cell.waiting.size > 0) continue;
      if (cell.instances === undefined) this.#endIdle(cell);
      else this.#passivate(cell);
    }
    this.begin();
  }

  #endIdle(cell: Cell): void {
    const { now, idleMs = Infinity, places, asks } = this.#options;
    for (const place of cell.places) {
      if (place.life.state !== "active") continue;
      const process = processIn(place);
      if (process === undefined || process.lastAt + idleMs > now()) continue;
      if (!process.isFree || asks.isAsking(process) || this.#mayWork(process)) continue;
      places.drain(place);
    }
  }

  /** One that acknowledges nothing may have something to do all the same. */
  #mayWork(process: ActorProcess): boolean {
    if (process.inFlight.acknowledges) return false;
    const { doingOf } = this.#options;
    const doing = process.stdin.link.held > 0 ? "busy" : doingOf(process);
    if (doing === "reading") process.inFlight.idleAt = process.inFlight.given;
    return doing === "busy" || process.link.held > 0;
  }

  #passivate(cell: Cell): void {
    const { now, idleMs, delivery: { passivation } } = this.#options;
    const [process] = activeOf(cell);
    if (process === undefined || cell.instances === undefined || process.isPaused) return;
    // It was told, has nothing else to do, and has said nothing for long: nobody waits for its word any more.
    if (process.isFree && now() - process.lastAt > SILENT_AT_WORK_MS) {
      for (const key of cell.instances.leaving) passivation.end(cell, key);
    }
    if (idleMs === undefined) return;
    for (const idle of cell.instances.idleSince(now() - idleMs)) passivation.begin(process, idle);
  }
}
