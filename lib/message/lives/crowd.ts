/**
 * How many processes a keyed actor has that has one for each key: beyond some the next one waits until another has
 * been let go, which is the one that was used least of late. Only who acknowledges what the engine says is let go: it
 * has saved its state then.
 *
 *   start ──few──▶ alive ──free, others wait──▶ draining ──▶ gone
 *     └──many──▶ waiting ──one is gone, or nobody goes for long──▶ alive
 */
import {
  EACH_PROCESSES_MAX,
  EACH_WAIT_LOOK_MS,
  EACH_WAIT_MS,
  KEYED_INSTANCES_MAX,
} from "../../core/limits/message.ts";
import type { Cell, CellActor, Place } from "../actors/cell.ts";
import type { EngineBase } from "../actors/engine_base.ts";
import { processIn } from "../actors/process_of.ts";

export interface CrowdContext extends Pick<EngineBase, "asks" | "heap" | "now"> {
  /** Asks for a process. */
  readonly ask: (place: Place) => void;
  /** Tells a process to end. */
  readonly drain: (place: Place) => void;
  /** A cell gets no process: there are too many. */
  readonly refuse: (cell: Cell, reason: string) => void;
}

/** The places of one actor. */
interface Herd {
  readonly alive: Set<Place>;
  readonly waiting: Set<Place>;
  /** When one was last started or let go. */
  movedAt: number;
}

export class Crowd {
  readonly #context: CrowdContext;
  readonly #herds = new Map<CellActor, Herd>();

  constructor(context: CrowdContext) {
    this.#context = context;
  }

  /** True when a process may be started in a place now; else it is started later. */
  admits(place: Place): boolean {
    if (place.cell.key === undefined) return true;
    const herd = this.#herdOf(place);
    if (herd.alive.size < EACH_PROCESSES_MAX) return true;
    if (herd.waiting.size === 0) {
      herd.movedAt = this.#context.now();
      this.#lookLater(herd);
    }
    herd.waiting.add(place);
    return false;
  }

  /** A place has come to life, or has none any more. */
  note(place: Place): void {
    if (place.cell.key === undefined) return;
    const herd = this.#herdOf(place);
    const { state } = place.life;
    if (state === "starting" || state === "active" || state === "draining") {
      herd.alive.add(place);
      return;
    }
    if (!herd.alive.delete(place)) return;
    herd.movedAt = this.#context.now();
    this.#admitOne(herd);
  }

  #herdOf({ cell: { actor } }: Place): Herd {
    let herd = this.#herds.get(actor);
    if (herd === undefined) {
      this.#herds.set(actor, herd = { alive: new Set(), waiting: new Set(), movedAt: 0 });
    }
    return herd;
  }

  #lookLater(herd: Herd): void {
    const { heap, now } = this.#context;
    heap.add({ at: now() + EACH_WAIT_LOOK_MS, fire: () => this.#look(herd) });
  }

  #look(herd: Herd): void {
    if (herd.waiting.size === 0) return;
    const processes = [...herd.alive].flatMap((place) => processIn(place) ?? []);
    this.#letGo(herd);
    // What those do that are only just being started nobody knows yet.
    if ([...herd.alive].some(isComing)) herd.movedAt = this.#context.now();
    if (this.#context.now() - herd.movedAt >= EACH_WAIT_MS) {
      herd.movedAt = this.#context.now();
      // Nobody of them goes: they wait for each other, or never tell that they have saved anything.
      if (processes.some(({ hearsWords }) => hearsWords)) this.#admitOne(herd);
      else this.#admitAll(herd);
    }
    if (herd.waiting.size > 0) this.#lookLater(herd);
  }

  #letGo({ alive, waiting }: Herd): void {
    const { asks, drain } = this.#context;
    const isGoing = (place: Place): boolean => place.life.state === "draining";
    const count = waiting.size - [...alive].filter(isGoing).length;
    if (count <= 0) return;
    const free = [...alive].flatMap((place) => {
      const process = place.life.state === "active" ? processIn(place) : undefined;
      const { mailbox, waiting } = place.cell;
      if (process === undefined || mailbox.length > 0 || waiting.size > 0) return [];
      const mayGo = process.hearsWords && process.isFree && !asks.isAsking(process);
      return mayGo ? [{ place, lastAt: process.lastAt }] : [];
    }).sort((a, b) => a.lastAt - b.lastAt);
    for (const { place } of free.slice(0, count)) drain(place);
  }

  #admitOne(herd: Herd): void {
    for (const place of herd.waiting) {
      herd.waiting.delete(place);
      if (place.life.state !== "inactive" || place.cell.actor.failed !== undefined) continue;
      this.#context.ask(place);
      return;
    }
  }

  #admitAll(herd: Herd): void {
    while (herd.waiting.size > 0 && herd.alive.size < KEYED_INSTANCES_MAX) this.#admitOne(herd);
    for (const { cell } of [...herd.waiting]) {
      const reason =
        `Actor '${cell.actor.name}' has ${herd.alive.size} processes, one for each key, and lets none go ` +
        `(expected "idle", "hosts": a number, or an actor that acknowledges)`;
      this.#context.refuse(cell, reason);
    }
    herd.waiting.clear();
  }
}

/** A process was asked for, and is not there yet. */
function isComing({ life }: Place): boolean {
  return life.state === "starting" && !life.isWaiting;
}
