/**
 * The lives of processes: they are asked for, open, are told to end, end, and are started again.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import { ActorProcess } from "../actors/actor_process.ts";
import type { Cell, CellActor, Life, Place } from "../actors/cell.ts";
import { placeOf, processIn } from "../actors/process_of.ts";
import { STRANGERS } from "../actors/remote_address.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { Crowd } from "./crowd.ts";
import type { Link } from "../link/link.ts";
import { readExactly } from "../wire/exact_json.ts";
import { HeadCache } from "../wire/head_cache.ts";
import type { Flying } from "../mail/flying.ts";
import { findLeftMail } from "../actors/left_mail.ts";
import type { Mail } from "../mail/mail.ts";

export interface PlacesContext extends Pick<EngineBase, "asks" | "heap" | "now" | "tell" | "stateOf"> {
  readonly delivery: Delivery;
  /** What a process has not read of what it was given, as far as anybody can tell. */
  readonly listUnread: (process: ActorProcess) => readonly Flying[];
  /** A process has acknowledged its `Start`, or something that came after it. */
  readonly onReady: (process: ActorProcess) => void;
  /** A process is there no more. */
  readonly onGone: (process: ActorProcess) => void;
  /** A handler has ended while it had a message, which it is not to be given again. */
  readonly onLost: (process: ActorProcess, mail: Mail) => void;
  /** An actor gets no process any more. */
  readonly onFailed: (cell: Cell) => void;
}

/** What the run knows of a process that it has started. */
export interface OpenedProcess {
  readonly id: number;
  readonly place: number;
  readonly pid: number;
  readonly link: Link;
}

export class Places {
  readonly #context: PlacesContext;
  readonly #crowd: Crowd;
  readonly byId = new Map<number, Place>();
  /** The flow is at its end: nobody is started any more. */
  isEnding = false;
  /** The run ends everybody by signals: who ends by that has not left. */
  isHalted = false;

  constructor(context: PlacesContext) {
    this.#context = context;
    this.#crowd = new Crowd({
      ...context,
      ask: (place) => this.#ask(place),
      drain: (place) => this.drain(place),
      refuse: (cell, reason) => {
        this.#rejectAll(cell, reason);
        if (cell.key !== undefined) cell.actor.forget(cell.key);
      },
    });
  }

  /** Asks for a process; where there are many of an actor, when one of them has been let go. */
  start(place: Place): void {
    if (place.life.state !== "inactive" || place.cell.actor.failed !== undefined) return;
    if (!this.isEnding && this.#crowd.admits(place)) this.#ask(place);
  }

  #ask(place: Place): void {
    if (this.isEnding) return;
    this.byId.set(place.id, place);
    const { actor, key } = place.cell;
    this.#live(place, { state: "starting", isWaiting: false });
    this.#context.tell({
      type: "start",
      place: place.id,
      actor: actor.name,
      ...(key === undefined ? {} : { key }),
    });
  }

  /** A process is there: it gets its `Start` before anything else. */
  open({ id, place: number, ...opened }: OpenedProcess): ActorProcess | undefined {
    const place = this.byId.get(number);
    if (place === undefined) return undefined;
    const { cell } = place;
    const process = new ActorProcess({ ...opened, id, cell, address: cell.address, heads: new HeadCache() });
    this.#live(place, { state: "active", process });
    const state = cell.instances === undefined ? this.#context.stateOf(cell.address) : undefined;
    const { args } = cell.actor.messaging;
    const start = {
      name: cell.actor.name,
      key: cell.key ?? null,
      args: JSON.parse(args),
      state: state === undefined ? null : readExactly(state),
    };
    this.#context.delivery.outbox.tellProcess(process, "Start", start, () => {
      if (process.phase === "starting") process.phase = "ready";
      this.#context.onReady(process);
    });
    if (this.isEnding) this.drain(place);
    else this.#context.delivery.dirty.add(cell);
    return process;
  }

  /** A process could not be started. */
  notStarted(id: number): void {
    const place = this.byId.get(id);
    if (place !== undefined) this.#afterEnd(place, { isFailure: true });
  }

  /** Tells a process to end: `Shutdown`, and the end of its input. */
  drain(place: Place): void {
    const process = processIn(place);
    if (place.life.state !== "active" || process === undefined) return;
    if (process.isMute && process.phase !== "left") process.phase = "mute";
    this.#context.delivery.outbox.tellProcess(process, "Shutdown", {});
    process.stdin.end();
    this.#context.delivery.outbox.unwritten.add(process); // It may have been told nothing.
    this.#live(place, { state: "draining", process });
    this.#context.tell({ type: "drain", process: process.id });
  }

  /** Tells the process in whatever place to end. */
  drainProcess(process: ActorProcess): void {
    const place = placeOf(process);
    if (place !== undefined) this.drain(place);
  }

  /** An actor is to end and takes no messages any more. */
  stop(actor: CellActor, reason: string): void {
    actor.failed = reason;
    for (const cell of actor.cells) {
      for (const place of cell.places) this.drain(place);
      this.#rejectAll(cell, reason);
    }
  }

  #rejectAll(cell: Cell, reason: string): void {
    const waiting: readonly Mail[] = cell.mailbox.drain();
    for (const mail of waiting) {
      this.#context.delivery.reject(mail, { code: "FAILED", reason, receiver: cell.address });
    }
    this.#context.delivery.dirty.add(cell);
  }

  /** A process has ended, and everything that it has written was handled. */
  end(
    place: Place,
    { process, isFailure }: { readonly process: ActorProcess; readonly isFailure: boolean },
  ): void {
    const { asks, delivery } = this.#context;
    const { cell } = place;
    for (const ask of asks.of(process)) asks.remove(ask);
    const kept = cell.instances?.clear() ?? [];
    const left = findLeftMail(process, { unread: this.#context.listUnread(process), isFailure });
    cell.taken -= left.untaken;
    if (!this.isHalted) { for (const flying of left.lost) delivery.lose(process, flying); }
    const again = [...this.#unhandledOf(process, isFailure), ...left.again, ...kept];
    const waiting = cell.mailbox.length + left.untaken;
    for (const mail of again.toReversed()) delivery.giveBack(cell, mail);
    for (const ask of asks.givenTo(process)) {
      if (again.some(({ id }) => id === ask.id)) continue;
      delivery.fail(ask.id, { code: "LOST", message: `Actor '${cell.address}' ended before it answered` });
    }
    this.#context.onGone(process);
    const wasDraining = place.life.state === "draining";
    if (wasDraining && !isFailure && process.phase !== "mute") {
      this.#live(place, this.isEnding ? { state: "stopped" } : { state: "inactive" });
      // Its key may come to life again, in a cell of its own.
      if (cell.key !== undefined && cell.mailbox.length === 0) cell.actor.forget(cell.key);
      else delivery.dirty.add(cell);
      return;
    }
    // One that ends without taking anything would be started again and again.
    const tookNothing = waiting > 0 && process.inFlight.given <= left.untaken;
    this.#afterEnd(place, { isFailure: isFailure || tookNothing, waiting });
  }

  /**
   * What a process has not handled. A handler takes one message after the other, so it was at the first; the others
   * were not begun.
   */
  #unhandledOf(process: ActorProcess, isFailure: boolean): readonly Mail[] {
    const { delivery, handler } = process.cell.actor.messaging;
    const { owed, acknowledges } = process.inFlight;
    const isCut = process.phase === "stopped" && process.inFlight.idleAt < process.inFlight.given;
    if (!acknowledges && !process.stdin.isOpen && !isFailure && !isCut) {
      // It never said a word about what it handled, and has ended well when it was told to.
      for (const mail of owed) this.#context.delivery.settle(mail);
      return [];
    }
    // Of one that has said that it leaves, none of them was begun.
    if (process.phase === "left") { for (const mail of owed) mail.deliveries -= 1; }
    const [first, ...others] = owed;
    if (handler === undefined || first === undefined) return owed;
    for (const mail of others) mail.deliveries -= 1;
    if (process.phase === "given-up") {
      first.deliveries -= 1;
      return [first, ...others];
    }
    if (delivery === "at-least-once") return [first, ...others];
    this.#context.onLost(process, first);
    return others;
  }

  #afterEnd(
    place: Place,
    { isFailure, waiting = 0 }: { readonly isFailure: boolean; readonly waiting?: number },
  ): void {
    const { tell, heap, now, delivery } = this.#context;
    const { cell } = place;
    if (this.isEnding) {
      if (isFailure) tell({ type: "failed", place: place.id, failures: 1 });
      return this.#live(place, isFailure ? { state: "failed" } : { state: "stopped" });
    }
    const next = place.budget.next({ isFailure, now: now() });
    if (next.is === "restart") {
      this.#live(place, { state: "starting", isWaiting: true });
      const { name } = cell.actor;
      tell({ type: "restart", place: place.id, actor: name, failures: next.failures, delayMs: next.afterMs });
      heap.add({ at: now() + next.afterMs, fire: () => this.#startAgain(place) });
      return;
    }
    if (next.is === "stay" && !isFailure) {
      this.#live(place, { state: "inactive" });
      delivery.dirty.add(cell);
      return;
    }
    this.#live(place, { state: "failed" });
    const failures = next.is === "too-often" ? next.failures : 1;
    tell({
      type: "failed",
      place: place.id,
      failures,
      unread: { actor: cell.actor.name, messages: waiting },
    });
    this.#fail(cell, place);
  }

  #startAgain(place: Place): void {
    if (place.life.state !== "starting" || !place.life.isWaiting) return;
    if (this.isEnding) this.#live(place, { state: "stopped" });
    else this.#ask(place);
  }

  /** A pool goes on while it has members. */
  #fail(cell: Cell, place: Place): void {
    const others = cell.places.filter((other) => other !== place && other.life.state !== "failed");
    if (others.length > 0) return;
    const { actor } = cell;
    actor.failed = `Actor '${actor.name}' has failed`;
    for (const each of actor.cells) this.#rejectAll(each, actor.failed);
    this.#context.onFailed(cell);
  }

  #live(place: Place, life: Life): void {
    place.life = life;
    const { cell } = place;
    const { actor, key } = cell;
    const pid = life.state === "active" || life.state === "draining" ? life.process.pid : undefined;
    if (actor.name === STRANGERS) return; // They are no actor that anybody knows.
    const isOne = cell.places.length === 1 && actor.cells.length === 1;
    this.#context.tell({
      type: "actor-state",
      actor: actor.name,
      state: life.state,
      ...(key === undefined ? {} : { key }),
      ...(isOne || key !== undefined ? {} : { place: numberOf(place) }),
      ...(pid === undefined ? {} : { pid }),
    });
    this.#crowd.note(place);
  }
}

/** From 1, among all places of the actor. */
function numberOf(place: Place): number {
  return place.cell.actor.cells.flatMap((cell) => cell.places).indexOf(place) + 1;
}
