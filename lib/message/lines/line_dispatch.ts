/**
 * Brings lines to whoever is meant: one actor, an instance of it, all behind an alias, an actor of the engine, nobody.
 */
import { land, readPayload, type Taker } from "../actors/landings.ts";
import type { Line, MailMaker } from "../actors/mail_maker.ts";
import type { MailTarget, MessageActor } from "../actors/message_actor.ts";
import type { Cell } from "../actors/cell.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { codeForAsker } from "../delivery/rejections.ts";
import type { Undelivered } from "../mail/mail_teller.ts";
import type { SystemActors } from "../system/system_actors.ts";
import type { EnvelopeScanner } from "../wire/envelope_scanner.ts";
import type { Head } from "../wire/head_cache.ts";
import type { LineAsks } from "./line_asks.ts";
import type { LineChecks } from "./line_checks.ts";

export interface DispatchContext {
  readonly delivery: Delivery;
  readonly system: SystemActors;
  readonly asks: LineAsks;
  readonly checks: LineChecks;
  /** Of the line that is scanned. */
  readonly maker: MailMaker;
  readonly scanner: EnvelopeScanner;
}

export class LineDispatch {
  readonly #context: DispatchContext;

  constructor(context: DispatchContext) {
    this.#context = context;
  }

  /** Brings the line just scanned to whom its head names. */
  bring(line: Line, head: Head<MailTarget>): void {
    const { target } = head;
    switch (target.kind) {
      case "cell":
      case "keyed":
        return this.#deliver(line, { head, target });
      case "several":
        return this.bringToAll(line, target.actors);
      case "system":
        return this.#toEngine(line, { head, name: target.name });
      case "nobody": {
        const { name: receiver } = target;
        return this.refuse(line, head, {
          code: "NO_ACTOR",
          reason: `Actor '${receiver}' not found`,
          receiver,
        });
      }
    }
  }

  /** Each of the actors gets the message. */
  bringToAll(line: Line, actors: readonly MessageActor[]): void {
    const { maker } = this.#context;
    for (const actor of actors) this.bring(line, maker.makeHead(line, actor.name, actor.target));
  }

  #toEngine(line: Line, { head, name }: { readonly head: Head<MailTarget>; readonly name: string }): void {
    const { system, maker, scanner, asks } = this.#context;
    const mail = maker.makeMail(line, { head });
    system.handle({ ...mail, isAsk: asks.isAsk(line) }, { name, payload: scanner.payload(line.bytes) });
  }

  #deliver(line: Line, { head, target }: { readonly head: Head<MailTarget>; readonly target: Taker }): void {
    const { delivery, maker, asks, scanner } = this.#context;
    const landing = land(target, () => readPayload(scanner.payload(line.bytes)));
    if (landing.kind === "no-key") {
      const { name } = landing;
      const reason = `Actor '${name}' is keyed, and the message has no key`;
      return this.refuse(line, head, { code: "NO_KEY", reason, receiver: name });
    }
    const { cell, address, instance } = landing;
    if (this.refusesFor(line, { head, cell, address })) return;
    const isFound = target.kind === "keyed" && target.key === undefined;
    const own = isFound ? maker.makeHead(line, address, target) : head;
    const mail = maker.makeMail(line, { head: own, key: instance });
    const timeoutMs = asks.timeoutOf(line);
    if (timeoutMs !== undefined && !asks.add(line, { mail, cell, timeoutMs })) return;
    const sent = timeoutMs === undefined ? mail : { ...mail, isAsk: true };
    delivery.trace("sent", sent, cell.address);
    delivery.offer(cell, sent);
  }

  /** True when a receiver does not accept the line: it is refused then. */
  refusesFor(
    line: Line,
    { head, cell, address }: {
      readonly head: Head<MailTarget>;
      readonly cell: Cell;
      readonly address: string;
    },
  ): boolean {
    const reason = this.#context.checks.whyNotTaken(cell.actor, { line, type: head.type });
    if (reason === undefined) return false;
    this.refuse(line, head, { code: "INVALID", reason, receiver: address });
    return true;
  }

  /** There is nobody to give it to: who waits for an answer gets that, anybody else gets it back. */
  refuse(line: Line, head: Head<MailTarget>, why: Undelivered): void {
    const { delivery, maker, asks } = this.#context;
    const mail = maker.makeMail(line, { head });
    if (!asks.isAsk(line)) return delivery.reject(mail, why);
    if (why.code === "INVALID") delivery.rejections.noteInvalid(mail, why);
    delivery.outbox.answer(line.process, {
      id: mail.id ?? "",
      receiver: line.sender,
      error: { code: codeForAsker(why), message: why.reason },
    });
  }
}
