/**
 * What becomes of a line that a handler has written: the result of one message.
 *
 *   {"result": id, "messages": […]} ──▶ next actors of their routes, all of them or none
 *                                  └──▶ past the end: who asked │ happy-end │ the handler's stream
 *   {"result": id, "error": {…}}    ──▶ who asked │ error-end │ again, or a dead letter
 */
import type { EngineBase } from "../actors/engine_base.ts";
import { ROUTE_HOPS_MAX } from "../../core/limits/message.ts";
import type { Handler } from "../../core/messaging.ts";
import { formatEnvelope } from "../wire/envelope_writer.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import { land, type Landing, takersOf } from "../actors/landings.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { HandlerChecks } from "./handler_checks.ts";
import { parseJson, readMail, readRoute, senderOf } from "./handled_mail.ts";
import { type Mail, PRIORITY_NORMAL } from "../mail/mail.ts";
import { textOf } from "../mail/origins.ts";
import {
  errorMessage,
  type Handled,
  type HandlerAnswer,
  type HandlerError,
  type HandlerOutput,
  readAnswer,
  routeResults,
} from "./route_result.ts";
import { isAtEnd } from "./route_end.ts";
import { isObject } from "./route_rules.ts";

export interface HandlerContext
  extends
    Pick<EngineBase, "ids" | "origins" | "directory" | "streams" | "asks" | "endpoint" | "checks" | "now"> {
  readonly delivery: Delivery;
  /** A process with a deadline has answered something. */
  readonly onAnswer: (process: ActorProcess) => void;
}

/** A message that a handler has answered, and who had it. */
interface Answered {
  readonly process: ActorProcess;
  readonly mail: Mail;
  readonly handled: Handled;
}

/** A message that goes on; with an error to `error-end`. */
type SentOn = Handled & { readonly error?: { readonly code: string; readonly message: string } };

/** What a message is known by: the engine's number, its sender's name for it, and what it is called in its line. */
interface Identity {
  readonly number: number;
  readonly id: string | undefined;
  readonly message_id: string;
}

export class HandlerResults {
  readonly #context: HandlerContext;
  readonly #checks: HandlerChecks;
  /** Messages that are to be handled again. */
  readonly #givenBack = new Set<Mail>();

  constructor(context: HandlerContext) {
    this.#context = context;
    this.#checks = new HandlerChecks(context);
  }

  /** Handles a line, and says what is wrong with it. */
  handle(process: ActorProcess, { text, handler }: { readonly text: string; readonly handler: Handler }) {
    const value = parseJson(text);
    if (isObject(value) && typeof value["ack"] === "string") {
      this.#acknowledge(process, value["ack"]);
      return undefined;
    }
    const answer = readAnswer(value);
    if (!answer.ok) return answer.message;
    const mail = this.#take(process, answer.value.result);
    // One that the engine has answered for meanwhile: it took too long.
    if (mail === undefined) return undefined;
    this.#resolve(process, { mail, answer: answer.value, handler });
    this.#settle(process, mail);
    return undefined;
  }

  #resolve(
    process: ActorProcess,
    { mail, answer, handler }: {
      readonly mail: Mail;
      readonly answer: HandlerAnswer;
      readonly handler: Handler;
    },
  ): void {
    const answered = { process, mail, handled: readMail(process, mail) };
    if ("error" in answer) this.#fail(answered, answer.error);
    else if (isAtEnd(process, this.#context.directory)) {
      this.#write(
        process,
        answer.messages.map(({ message }) => message),
      );
    } else this.#route(answered, answer.messages, handler);
  }

  /** A message is handled when what was made of it has its place: not while that waits for room. */
  #settle(process: ActorProcess, mail: Mail): void {
    if (this.#givenBack.delete(mail) || mail.row === undefined) return;
    if (process.parked.length > 0) process.settledLater.push(mail);
    else this.#context.delivery.settle(mail);
  }

  /**
   * A line is too long or no answer: the message that it begins to answer has failed. False when it does not even say
   * which.
   */
  refuse(process: ActorProcess, { line, problem }: { readonly line: Uint8Array; readonly problem: string }) {
    const begin = textOf(line, 0, Math.min(line.length, RESULT_BEGIN_BYTES));
    const [, id] = /^\{"result":\s*"([^"\\]*)"/.exec(begin) ?? [];
    const mail = id === undefined ? undefined : this.#take(process, id);
    if (mail === undefined) return false;
    this.lose(process, mail, { code: "processing_error", message: `Cannot read the result: ${problem}` });
    return true;
  }

  /** The message that an answer is for, which is handled with it. */
  #take(process: ActorProcess, id: string): Mail | undefined {
    const mail = this.#acknowledge(process, id);
    if (process.deadline !== undefined) this.#context.onAnswer(process);
    return mail;
  }

  /** A process has ended while it had the message, or took too long for it. */
  lose(process: ActorProcess, mail: Mail, error: HandlerError): void {
    this.#fail({ process, mail, handled: readMail(process, mail) }, error);
    this.#settle(process, mail);
  }

  #acknowledge(process: ActorProcess, id: string): Mail | undefined {
    const { origins, delivery, now } = this.#context;
    const bytes = new TextEncoder().encode(id);
    const flying = process.inFlight.find(origins.numberOf(bytes, 0, bytes.length), () => id);
    if (flying === undefined) return undefined;
    const { mail } = flying;
    process.inFlight.acknowledge(flying, now());
    delivery.dirty.add(process.cell);
    return mail;
  }

  #route({ process, mail, handled }: Answered, outputs: readonly HandlerOutput[], { checks }: Handler): void {
    const { directory } = this.#context;
    const route = readRoute(handled.route);
    if (typeof route === "string") {
      return this.#fail({ process, mail, handled }, { code: "processing_error", message: route });
    }
    const results = routeResults({ ...handled, route }, {
      outputs,
      checks,
      hopsMax: ROUTE_HOPS_MAX,
      isActor: (name) => ["cell", "keyed"].includes(directory.find(name).kind),
    });
    if (!results.ok) return this.#fail({ process, mail, handled }, results.error);
    const fail = (error: HandlerError): void => this.#fail({ process, mail, handled }, error);
    const checked = { mail, id: handled.message_id, results: results.messages, fail };
    if (this.#checks.refuse(process, checked)) return;
    if (outputs.length === 0) {
      return this.#finish({ process, mail, handled }, { envelope: handled, isEmpty: true });
    }
    for (const { to, envelope } of results.messages) {
      if (to === "end") this.#finish({ process, mail, handled }, { envelope, isEmpty: false });
      else this.#send({ process, mail, handled }, { envelope, receiver: to.actor });
    }
  }

  /** A message is at the end of its route; `isEmpty` when its handler has given nothing for it. */
  #finish(
    answered: Answered,
    { envelope, isEmpty }: { readonly envelope: Handled; readonly isEmpty: boolean },
  ): void {
    const { asks, directory, delivery } = this.#context;
    const { process } = answered;
    const ask = asks.get(envelope.message_id);
    if (ask !== undefined) {
      asks.remove(ask);
      return delivery.outbox.answer(ask.asker, {
        id: ask.id,
        receiver: ask.address,
        sender: process.address,
        type: envelope.message_type,
        message: isEmpty ? null : envelope.message,
      });
    }
    if (directory.find("happy-end").kind !== "nobody") {
      return this.#send(answered, { envelope, receiver: "happy-end" });
    }
    if (!isEmpty) this.#write(process, [envelope.message]);
  }

  #fail(answered: Answered, error: HandlerError): void {
    const { asks, directory, delivery } = this.#context;
    const { process, mail, handled } = answered;
    const ask = asks.get(handled.message_id);
    if (ask !== undefined) return delivery.fail(ask.id, error);
    if (directory.find("error-end").kind !== "nobody" && !isAtEnd(process, this.#context.directory)) {
      const { code, message } = error;
      const envelope = { ...errorMessage(handled, error), error: { code, message } };
      return this.#send(answered, { envelope, receiver: "error-end" });
    }
    const { cell } = process;
    if (cell.actor.messaging.delivery === "at-least-once") {
      this.#givenBack.add(mail);
      return delivery.giveBack(cell, mail);
    }
    const reason = `${error.code}: ${error.message}`;
    delivery.reject(mail, { code: "HANDLER_ERROR", reason, receiver: cell.address });
  }

  /** Sends a message on, to all behind an alias. */
  #send(
    answered: Answered,
    { envelope, receiver }: { readonly envelope: SentOn; readonly receiver: string },
  ): void {
    const takers = takersOf(this.#context.directory.find(receiver));
    for (const [at, taker] of takers.entries()) {
      const identity = this.#identify(answered, { envelope, isFirst: at === 0 });
      const mail = this.#makeMail(answered, { envelope, receiver, ...identity });
      this.#bring(mail, land(taker, () => envelope.message));
    }
  }

  /**
   * The first of a fan-out is the message itself, so it keeps number and identity. Who shares it with others behind an
   * alias has a message of its own; one that its sender has named keeps its name.
   */
  #identify(
    { process, mail, handled }: Answered,
    { envelope: { message_id }, isFirst }: { readonly envelope: SentOn; readonly isFirst: boolean },
  ): Identity {
    const { ids, origins } = this.#context;
    const isSame = message_id === handled.message_id;
    if (isSame && isFirst) return { number: mail.number, id: mail.id, message_id };
    const number = ids.next();
    const id = isSame ? mail.id : message_id;
    origins.note(number, senderOf(process, mail), id);
    return { number, id, message_id: id ?? ids.newest };
  }

  #makeMail(
    { process, mail }: Answered,
    { envelope, receiver, number, id, message_id }: Identity & {
      readonly envelope: SentOn;
      readonly receiver: string;
    },
  ): Mail {
    const { asks, endpoint } = this.#context;
    const { priority } = mail;
    const sender = senderOf(process, mail);
    const ask = asks.get(message_id);
    // It lies in a mailbox again: the end of this process is not the end of the request.
    if (ask !== undefined) ask.givenTo = undefined;
    const { message_type: type, parent_id, route, headers, error, message } = envelope;
    const bytes = formatEnvelope({
      message_type: type,
      receiver,
      sender_actor: sender,
      sender_endpoint: endpoint,
      message_id,
      parent_id,
      priority: priority === PRIORITY_NORMAL ? undefined : priority,
      route,
      headers,
      error,
      message,
    });
    const part = { bytes, start: 0, end: bytes.length };
    const isAsk = ask !== undefined;
    return { ...part, number, id, priority, type, sender, from: process, isAsk, deliveries: 0 };
  }

  #bring(mail: Mail, landing: Landing): void {
    const { delivery } = this.#context;
    if (landing.kind === "no-key") {
      const reason = `Actor '${landing.name}' is keyed, and the message has no key`;
      return delivery.reject(mail, { code: "NO_KEY", reason, receiver: landing.name });
    }
    const { cell, instance } = landing;
    delivery.trace("sent", mail, cell.address);
    delivery.offer(cell, { ...mail, key: instance });
  }

  #write(process: ActorProcess, messages: readonly unknown[]): void {
    for (const message of messages) {
      this.#context.streams.write(process, new TextEncoder().encode(JSON.stringify(message)));
    }
  }
}

/** How far into a line its id is looked for. */
const RESULT_BEGIN_BYTES = 1024;
