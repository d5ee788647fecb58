/**
 * Lines that ask for an answer, and lines that are one.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import { ASK_MS, ASK_MS_MAX } from "../../core/limits/message.ts";
import { findAskRing } from "../actors/asks.ts";
import type { Cell } from "../actors/cell.ts";
import type { Line, MailMaker } from "../actors/mail_maker.ts";
import type { MailTarget } from "../actors/message_actor.ts";
import type { LineChecks } from "./line_checks.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Mail } from "../mail/mail.ts";
import { textOf } from "../mail/origins.ts";
import { CORRELATION_ID, type EnvelopeScanner, HEADERS, MESSAGE_ID } from "../wire/envelope_scanner.ts";
import type { Head } from "../wire/head_cache.ts";

export interface LineAsksContext extends Pick<EngineBase, "asks" | "now" | "tell"> {
  readonly delivery: Delivery;
  /** Of the line that is scanned. */
  readonly maker: MailMaker;
  readonly scanner: EnvelopeScanner;
  readonly checks: LineChecks;
}

export class LineAsks {
  readonly #context: LineAsksContext;

  constructor(context: LineAsksContext) {
    this.#context = context;
  }

  /** True when the sender waits for an answer, and there is an identity that it can be known by. */
  isAsk(line: Line): boolean {
    return this.timeoutOf(line) !== undefined;
  }

  /** How long the sender waits for an answer, in milliseconds; undefined when it does not. */
  timeoutOf({ bytes }: Line): number | undefined {
    const { scanner } = this.#context;
    const raw = scanner.raw(bytes, HEADERS);
    if (raw === undefined || !scanner.has(MESSAGE_ID)) return undefined;
    const { ask }: { readonly ask?: unknown } = JSON.parse(textOf(raw, 0, raw.length));
    if (ask === undefined || ask === null || ask === false) return undefined;
    return typeof ask === "number" && ask > 0 ? Math.min(ask, ASK_MS_MAX) : ASK_MS;
  }

  /** Notes that the sender waits for the answer to a message. False when that closes a ring: it is answered already. */
  add(
    { process, sender }: Line,
    { mail, cell, timeoutMs }: { readonly mail: Mail; readonly cell: Cell; readonly timeoutMs: number },
  ): boolean {
    const { asks, delivery, now, tell } = this.#context;
    const id = mail.id ?? "";
    const ring = findAskRing(asks, process, cell);
    if (ring !== undefined) {
      tell({ type: "ask-ring", ring });
      const message = `Actors wait for each other's answers: ${ring.join(" → ")}`;
      delivery.outbox.answer(process, { id, receiver: sender, error: { code: "DEADLOCK", message } });
      return false;
    }
    asks.add({ id, asker: process, address: sender, cell, deadline: now() + timeoutMs });
    return true;
  }

  /** The line is no good answer to what it answers: who waits for it is told. */
  refuseAnswer({ bytes }: Line, message: string): void {
    const { delivery, maker } = this.#context;
    delivery.fail(maker.text(bytes, CORRELATION_ID), { code: "INVALID", message });
  }

  /** Brings the answer of a request straight to who waits for it, once. False when it answers no request. */
  answer(
    line: Line,
    { head, receiver }: { readonly head: Head<MailTarget>; readonly receiver: string },
  ): boolean {
    const { asks, delivery, maker, checks } = this.#context;
    if (asks.isUnused) return false;
    const id = maker.text(line.bytes, CORRELATION_ID);
    const ask = asks.get(id);
    if (ask === undefined) {
      if (!asks.isSettled(id, receiver)) return false;
      const reason = `The request of '${receiver}' was answered already`;
      delivery.drop(maker.makeMail(line, { head }), { code: "ANSWERED", reason, receiver });
      return true;
    }
    const { actor } = ask.asker.cell;
    const problem = checks.whyNotTaken(actor, { line, type: head.type, isAwaited: true });
    if (problem !== undefined) {
      delivery.fail(id, { code: "INVALID", message: problem });
      delivery.reject(maker.makeMail(line, { head }), { code: "INVALID", reason: problem, receiver });
      return true;
    }
    asks.remove(ask);
    if (ask.asker.stdin.isClosed) return true;
    const mail = maker.makeMail(line, { head });
    const { number, id: own, type } = mail;
    delivery.trace("sent", mail, ask.address);
    delivery.outbox.write(ask.asker, mail, { number, id: own, type, isWord: true });
    delivery.trace("delivered", mail, ask.address);
    return true;
  }
}
