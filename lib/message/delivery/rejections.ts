/**
 * What becomes of a message that cannot be delivered or handled.
 *
 *   reject ─▶ who waits for its answer │ the dead-letter actor, and its sender │ else it is lost, which fails the run
 */
import type { EngineBase } from "../actors/engine_base.ts";
import { DELIVERY_REJECTS_MAX, REJECTS_ANSWERED_MAX } from "../../core/limits/message.ts";
import { isAtReject } from "../actors/at_reject.ts";
import type { Cell } from "../actors/cell.ts";
import { readExactly } from "../wire/exact_json.ts";
import { isWanted, Losses } from "../mail/losses.ts";
import type { Mail } from "../mail/mail.ts";
import { MailTeller, type Undelivered } from "../mail/mail_teller.ts";
import { textOf } from "../mail/origins.ts";
import { processOf } from "../actors/process_of.ts";

/** Who says what the engine itself says; nothing can be sent to it. */
const ENGINE = "$engine";

export type RejectionsContext = Pick<EngineBase, "ids" | "directory" | "asks" | "tracing" | "now" | "tell">;

/** The ways of a message that are needed here. */
export interface ReturnWays {
  /** It was handled, or given up. */
  readonly settle: (mail: Mail) => void;
  /** Answers a request in the receiver's stead. */
  readonly fail: (id: string, error: { readonly code: string; readonly message: string }) => void;
  /** Puts a message of the engine into a mailbox. */
  readonly send: (cell: Cell, sent: Returned) => void;
}

/** A message that tells what became of another one. */
export interface Returned {
  readonly type: string;
  readonly sender: string;
  readonly message: unknown;
  readonly receiver: string;
  /** The identity that its sender gave it. */
  readonly correlationId: string | undefined;
  readonly key?: string | undefined;
}

export class Rejections {
  readonly losses = new Losses();
  readonly teller: MailTeller;
  readonly #context: RejectionsContext;
  readonly #ways: ReturnWays;

  constructor(context: RejectionsContext, ways: ReturnWays) {
    this.#context = context;
    this.#ways = ways;
    this.teller = new MailTeller(context);
  }

  /** A message cannot be delivered: whoever waits for its answer gets that; else its sender gets it back. */
  reject(mail: Mail, why: Undelivered): void {
    this.#ways.settle(mail);
    this.teller.trace("dead", { mail, receiver: why.receiver });
    this.teller.tellDead(mail, why);
    const ask = mail.isAsk === true ? this.#context.asks.get(mail.id ?? "") : undefined;
    if (ask !== undefined) {
      return this.#ways.fail(ask.id, { code: codeForAsker(why), message: why.reason });
    }
    if (isReturned(mail)) return this.#lose(mail, why);
    const message = {
      message_type: mail.type,
      reason: why.reason,
      code: why.code,
      rejected_by: why.receiver,
      envelope: readExactly(textOf(mail.bytes, mail.start, mail.end)),
    };
    if (!this.#bury(mail, message)) this.#lose(mail, why);
    if (why.isFinal !== true && !this.#goesRound(mail, why)) this.#sendBack(mail, message);
  }

  /** It was not handled when everybody ended: what is kept of it in the journal is still to be handled. */
  abandon(mail: Mail, { isLoss, ...why }: Undelivered & { readonly isLoss: boolean }): void {
    this.teller.trace("dead", { mail, receiver: why.receiver });
    if (!isLoss) return;
    this.teller.tellDead(mail, why);
    this.#lose(mail, why);
  }

  /** The flow has not kept to what it says of itself: whoever is told of that besides, its run has failed. */
  noteInvalid(mail: Mail, why: Undelivered): void {
    this.teller.trace("dead", { mail, receiver: why.receiver });
    this.teller.tellDead(mail, why);
    this.losses.note({ ...why, sender: mail.sender, messageType: mail.type });
  }

  #lose(mail: Mail, { code, reason, receiver }: Undelivered): void {
    // What the engine itself says is nobody's loss, but for a dead letter: that is somebody's message.
    if (mail.from === undefined && mail.row === undefined && !this.#isLetter(mail, receiver)) return;
    // Nor is what other programs send: they are told, and so is whoever looks. What the flow says of them is its own.
    const remote = processOf(mail.from)?.cell.actor.messaging.remote;
    if (remote === "any" || remote !== undefined && code !== "INVALID") return;
    this.losses.note({ code, reason, receiver, sender: mail.sender, messageType: mail.type });
  }

  #isLetter(mail: Mail, receiver: string): boolean {
    return isReturned(mail) &&
      this.#context.directory.deadLetters.some(({ actor }) =>
        receiver === actor.name || receiver.startsWith(`${actor.name}/`)
      );
  }

  /** Gives it to the dead-letter actors. False when there is none, or it is their own. */
  #bury(mail: Mail, message: unknown): boolean {
    const sender = processOf(mail.from)?.cell;
    const letters = this.#context.directory.deadLetters;
    if (sender !== undefined && letters.includes(sender)) return false; // They would answer each other for ever.
    let isTaken = false;
    for (const cell of letters) {
      if (this.#put(cell, { message, receiver: cell.address, correlationId: undefined })) isTaken = true;
    }
    return isTaken;
  }

  /** It would be given back for ever to who answers whatever is given back. */
  #goesRound({ from }: Mail, { receiver, code }: Undelivered): boolean {
    if (receiver === ENGINE) return true;
    const process = processOf(from);
    // Who sends again what had no room does so until there is some; and programs outside are many in one.
    if (process === undefined || isWanted(code) || process.cell.actor.messaging.remote === "any") {
      return false;
    }
    const { answered, inFlight, stdin } = process;
    const at = this.#context.now();
    if (!isAtReject(inFlight, stdin.unread)) answered.rounds = 0;
    // Of all that has come at once some may have been written before: it counts as one.
    else if (answered.at !== at) answered.rounds += 1;
    answered.at = at;
    return answered.rounds > REJECTS_ANSWERED_MAX;
  }

  #sendBack({ from, sender, id }: Mail, message: unknown): void {
    const process = processOf(from);
    if (process === undefined || process.stdin.isClosed) return;
    const { cell } = process;
    // A handler knows nothing of what becomes of its results.
    if (cell.actor.messaging.handler !== undefined) return;
    const key = cell.instances === undefined ? undefined : sender.slice(cell.actor.name.length + 1);
    this.#put(cell, { message, receiver: sender, key, correlationId: id });
  }

  /** One that sends into the void without end and reads nothing gets no more back at some time. */
  #put(cell: Cell, { key, ...sent }: Omit<Returned, "type" | "sender">): boolean {
    if (cell.mailbox.length >= cell.mailbox.size + DELIVERY_REJECTS_MAX || cell.actor.failed !== undefined) {
      return false;
    }
    this.#ways.send(cell, { ...sent, type: "Reject", sender: ENGINE, ...(key === "" ? {} : { key }) });
    return true;
  }
}

/** What who waits for an answer is told. */
export function codeForAsker({ code }: Pick<Undelivered, "code">): string {
  return code === "NO_ACTOR" || code === "INVALID" ? code : "REJECTED";
}

/** It tells what became of another message; who sends one of that type himself does not. */
function isReturned({ type, from, sender }: Mail): boolean {
  return type === "Reject" && from === undefined && sender === ENGINE;
}
