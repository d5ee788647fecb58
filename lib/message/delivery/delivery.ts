/**
 * The way of a message from its sender to a process: into a mailbox, or back.
 *
 *   offer ──▶ mailbox ──▶ give ──▶ process
 *     │ full: the sender waits, or
 *     └──▶ reject ──▶ its sender, the dead-letter actor
 */
import type { EngineBase } from "../actors/engine_base.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Cell, Place, WaitingSender } from "../actors/cell.ts";
import type { LostMail } from "../actors/left_mail.ts";
import { Giver, type GiverContext } from "./giver.ts";
import { KeptMail, type KeptMailContext } from "./kept_mail.ts";
import type { Mail } from "../mail/mail.ts";
import { PRIORITY_NORMAL } from "../mail/mail.ts";
import { LineSource } from "../actors/line_source.ts";
import { processOf } from "../actors/process_of.ts";
import { NoRoomTeller } from "./no_room.ts";
import type { MessageStep, Undelivered } from "../mail/mail_teller.ts";
import { Outbox, type OutboxContext } from "./outbox.ts";
import { Passivation } from "./passivation.ts";
import { Rejections } from "./rejections.ts";
import { RoomLook, type RoomLookContext } from "./room_look.ts";

export interface DeliveryContext
  extends
    OutboxContext,
    RoomLookContext,
    KeptMailContext,
    GiverContext,
    Pick<EngineBase, "origins" | "directory" | "tracing"> {
  /** A process is wanted in a place. */
  readonly start: (place: Place) => void;
  /** The engine may not look into processes: it may have ended the flow while one was silent at its work. */
  readonly isBlind: boolean;
}

/** What helps where an actor at work cannot be told from one that has finished. */
const BLIND_HINT =
  " (without the permission to look into /proc, an actor that is silent for 2 s counts as finished: give -A, or let it acknowledge)";

export class Delivery {
  readonly #context: DeliveryContext;
  /** Cells in which something may move. */
  readonly dirty = new Set<Cell>();
  /** Senders that may go on. */
  readonly resumed = new Set<WaitingSender>();
  readonly rejections: Rejections;
  readonly outbox: Outbox;
  /** Where neither the limits nor the disk have room for what waits in a mailbox. */
  readonly noRoom: NoRoomTeller;
  readonly giver: Giver;
  readonly passivation: Passivation;
  readonly #kept: KeptMail;
  readonly #look: RoomLook;
  /** Everybody was told to end, because nothing was left to be done or because somebody has asked for it. */
  #ending: { readonly isAsked: boolean } | undefined;

  constructor(context: DeliveryContext) {
    this.#context = context;
    this.outbox = new Outbox(context);
    this.noRoom = new NoRoomTeller(context.tell);
    const { outbox } = this;
    this.passivation = new Passivation(context, { outbox, stir: (cell) => void this.dirty.add(cell) });
    this.giver = new Giver(context, { outbox, passivation: this.passivation });
    this.#kept = new KeptMail(context);
    this.#look = new RoomLook(context);
    this.rejections = new Rejections(context, this);
  }

  /** Puts a message into a mailbox; when that is full its sender is made to wait, or gets it back. */
  offer(cell: Cell, mail: Mail): void {
    const { failed } = cell.actor;
    if (failed !== undefined) {
      return this.reject(mail, { code: "FAILED", reason: failed, receiver: cell.address });
    }
    if (this.#ending !== undefined) return this.#offerTooLate(cell, mail);
    const { from } = mail;
    // A message of the engine is never turned away: their number is bounded elsewhere.
    if (from === undefined && cell.mailbox.isFull) cell.mailbox.push(mail);
    else {
      const offered = cell.mailbox.offer(mail);
      if (offered.is === "full") return this.#noRoom(cell, mail);
      if (offered.is === "dropped") {
        const reason = `Mailbox of '${cell.address}' is full: its oldest messages were dropped`;
        for (const item of offered.items) {
          this.reject(item, { code: "DROPPED", reason, receiver: cell.address });
        }
      }
    }
    this.#kept.keep(cell, mail);
    this.dirty.add(cell);
  }

  #offerTooLate(cell: Cell, mail: Mail): void {
    this.#kept.keep(cell, mail);
    this.abandon(cell, mail);
  }

  /** It is not handled in this run. */
  abandon(cell: Cell, mail: Mail): void {
    const hint = this.#context.isBlind ? BLIND_HINT : "";
    const reason = `Actor '${cell.address}' was told to end before it handled the message${hint}`;
    const isLoss = this.#ending?.isAsked !== true;
    this.rejections.abandon(mail, { code: "ENDED", reason, receiver: cell.address, isLoss });
  }

  /** A process has ended, and with it is lost what it was given. */
  lose(process: ActorProcess, { flying, how }: LostMail): void {
    const { mail, number, type: messageType, from } = flying;
    // What the engine itself says is nobody's loss.
    if (this.#ending?.isAsked === true || from === undefined) return;
    const { address: receiver } = process;
    const why = { code: "LOST", reason: `Actor '${receiver}' ${how}`, receiver } as const;
    if (mail !== undefined) return this.rejections.reject(mail, why);
    this.rejections.losses.note({
      ...why,
      sender: this.#context.origins.senderOf(number) ?? "",
      messageType,
    });
  }

  /** Everybody was told to end: what waits in mailboxes, and for room there, is not handled any more. */
  end(cells: readonly Cell[], ending: { readonly isAsked: boolean }): void {
    this.#ending = ending;
    for (const cell of cells) {
      for (const mail of cell.mailbox.drain()) this.abandon(cell, mail);
      for (const sender of cell.waiting) {
        for (let parked = sender.parked.shift(); parked !== undefined; parked = sender.parked.shift()) {
          this.#offerTooLate(parked.cell, parked.mail);
        }
        if (processOf(sender) !== undefined) this.#goOn(sender); // Streams are not read on.
      }
      cell.waiting.clear();
    }
  }

  /** A message was handled, or given up. */
  settle(mail: Mail): void {
    this.#kept.settle(mail);
  }

  #noRoom(cell: Cell, mail: Mail): void {
    const { from } = mail;
    const isRefused = cell.mailbox.overflow === "reject" && processOf(from) !== undefined;
    if (!(from instanceof LineSource) || isRefused) {
      const reason = `Mailbox of '${cell.address}' is full`;
      return this.reject(mail, { code: "MAILBOX_FULL", reason, receiver: cell.address });
    }
    // Whoever has asked for its messages to be spilled does not want their senders to wait.
    if (cell.mailbox.refused !== undefined && cell.mailbox.overflow === "spill") this.noRoom.tell(cell);
    from.parked.push({ cell, mail });
    cell.waiting.add(from);
    this.dirty.add(cell);
  }

  /** Gives what waits to processes that have room, and lets senders go on. */
  pump(cell: Cell): void {
    const { mailbox } = cell;
    while (mailbox.length > 0) {
      const process = processOf(cell.pick()) ?? this.#look.find(cell);
      if (process === undefined) break;
      const mail = mailbox.shift();
      if (mail !== undefined) this.#give(process, mail);
    }
    if (mailbox.length > 0) this.#startFor(cell);
    if (cell.waiting.size > 0 && !mailbox.isFull) this.#release(cell);
  }

  /** A process is started when there is none, and one more while all members of a pool are busy. */
  #startFor(cell: Cell): void {
    const { vacancy } = cell;
    if (vacancy !== undefined && !cell.isStarting) this.#context.start(vacancy);
  }

  #release(cell: Cell): void {
    for (const sender of cell.waiting) {
      while (sender.parked.first?.cell === cell && !cell.mailbox.isFull) {
        const parked = sender.parked.shift();
        if (parked !== undefined) this.offer(cell, parked.mail);
      }
      const next = sender.parked.first;
      if (next === undefined) this.#goOn(sender);
      if (next?.cell === cell) return;
      cell.waiting.delete(sender);
      next?.cell.waiting.add(sender);
      if (next !== undefined) this.dirty.add(next.cell);
    }
  }

  /** Everything of a sender has found room. */
  #goOn(sender: WaitingSender): void {
    this.resumed.add(sender);
    for (const mail of processOf(sender)?.settledLater.splice(0) ?? []) this.settle(mail);
  }

  /** Puts a message on its way to a process. */
  #give(process: ActorProcess, mail: Mail): void {
    if (this.giver.give(process, mail)) this.trace("delivered", mail, process.cell.address);
  }

  /** A message of the engine to a cell, in its mailbox. */
  send(cell: Cell, { type, sender, message, key, receiver = cell.address, correlationId, onGiven }: {
    readonly type: string;
    readonly sender: string;
    readonly message: unknown;
    readonly key?: string | undefined;
    readonly receiver?: string;
    readonly correlationId?: string | undefined;
    readonly onGiven?: () => void;
  }): void {
    const number = this.#context.ids.next();
    const part = this.outbox.format({ type, receiver, sender, message, correlationId });
    this.offer(cell, {
      ...part,
      number,
      priority: PRIORITY_NORMAL,
      type,
      sender,
      key,
      onGiven,
      deliveries: 0,
    });
  }

  /** A message cannot be delivered or handled: see `rejections.ts`. */
  reject(mail: Mail, why: Undelivered): void {
    this.rejections.reject(mail, why);
  }

  /** Nobody gets a message, and that is right: it is told, and nobody has to do anything about it. */
  drop(mail: Mail, why: Undelivered): void {
    this.trace("dead", mail, why.receiver);
    this.rejections.teller.tellDead(mail, why);
  }

  /** Answers a request in the receiver's stead. */
  fail(id: string, error: { readonly code: string; readonly message: string }): void {
    const ask = this.#context.asks.get(id);
    if (ask === undefined) return;
    this.#context.asks.remove(ask);
    this.outbox.answer(ask.asker, { id, receiver: ask.address, error });
  }

  /** A process could not handle a message: it gets it again, until it was given too often. */
  giveBack(cell: Cell, mail: Mail): void {
    const { failed } = cell.actor;
    if (failed !== undefined) {
      return this.reject(mail, { code: "FAILED", reason: failed, receiver: cell.address });
    }
    if (this.#ending !== undefined) return this.abandon(cell, mail);
    if (mail.deliveries >= cell.actor.messaging.deliveriesMax) {
      const reason = `Actor '${cell.address}' was given the message ${mail.deliveries} times`;
      return this.reject(mail, { code: "TOO_OFTEN", reason, receiver: cell.address });
    }
    cell.mailbox.putBack(mail);
    this.dirty.add(cell);
  }

  trace(step: MessageStep, mail: Mail, receiver: string): void {
    this.rejections.teller.trace(step, { mail, receiver });
  }
}
