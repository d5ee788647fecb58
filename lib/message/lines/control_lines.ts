/**
 * Acknowledgements: what actors write about the messages that they were given.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { type EnvelopeScanner, ERROR } from "../wire/envelope_scanner.ts";
import type { Flying } from "../mail/flying.ts";
import { reasonIn } from "./line_failures.ts";
import type { Mail } from "../mail/mail.ts";
import { textOf } from "../mail/origins.ts";

interface ControlContext extends Pick<EngineBase, "origins" | "now"> {
  readonly delivery: Delivery;
}

/** The field of a line that holds the identity of a message. */
interface Named {
  readonly bytes: Uint8Array;
  readonly field: number;
}

export class ControlLines {
  readonly #context: ControlContext;
  readonly #scanner: EnvelopeScanner;

  /** `scanner` is the one that scans the lines. */
  constructor(context: ControlContext, scanner: EnvelopeScanner) {
    this.#context = context;
    this.#scanner = scanner;
  }

  /** `field` of the line just scanned names a message that was handled. */
  acknowledge(process: ActorProcess, named: Named): void {
    const mail = this.#take(process, named);
    if (mail !== undefined) this.#context.delivery.settle(mail);
  }

  /** It names one that could not be handled. */
  refuse(process: ActorProcess, named: Named): void {
    const flying = this.#find(process, named);
    if (flying === undefined) return;
    const { mail, isOwed, state, number } = flying;
    const { delivery, origins, now } = this.#context;
    process.inFlight.acknowledge(flying, now());
    delivery.dirty.add(process.cell);
    if (state === "word" || state === "answered") return;
    if (mail !== undefined && isOwed) return delivery.giveBack(process.cell, mail);
    const { address: receiver } = process;
    const why = { code: "HANDLER_ERROR", receiver, isFinal: true } as const;
    const reason = reasonIn(this.#scanner.raw(named.bytes, ERROR));
    if (mail !== undefined) return delivery.reject(mail, { ...why, reason });
    // Of a message that is delivered at most once nothing is kept when nobody gets dead letters.
    const sender = origins.senderOf(number) ?? "";
    delivery.rejections.losses.note({ code: why.code, reason, receiver, sender, messageType: "" });
  }

  /** Takes out what was acknowledged. One that is not on its way is nothing: it was acknowledged before. */
  #take(process: ActorProcess, named: Named): Mail | undefined {
    const flying = this.#find(process, named);
    if (flying === undefined) return undefined;
    const { mail } = flying;
    process.inFlight.acknowledge(flying, this.#context.now());
    this.#context.delivery.dirty.add(process.cell);
    return mail;
  }

  /** It names one that was answered, which says as well that it was handled. */
  settleAnswered(process: ActorProcess, named: Named): void {
    const flying = this.#find(process, named);
    if (flying === undefined) return;
    const { mail } = flying;
    process.inFlight.answer(flying, this.#context.now());
    this.#context.delivery.dirty.add(process.cell);
    if (mail !== undefined) this.#context.delivery.settle(mail);
  }

  #find(process: ActorProcess, { bytes, field }: Named): Flying | undefined {
    const { places } = this.#scanner;
    // Without the quotes.
    const start = (places[field * 2] ?? 0) + 1;
    const end = (places[field * 2 + 1] ?? 0) - 1;
    const number = this.#context.origins.numberOf(bytes, start, end);
    return process.inFlight.find(number, () => textOf(bytes, start, end));
  }
}
