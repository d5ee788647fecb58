/**
 * Tells of messages on their way, and of those that do not arrive.
 */
import type { Mail } from "./mail.ts";
import type { MessageIds } from "../wire/message_ids.ts";
import type { DeadCode, MessageReport } from "./message_report.ts";
import { textOf } from "./origins.ts";
import type { TraceGate } from "./trace_gate.ts";

/** What happens to a message on its way. */
export type MessageStep = "sent" | "delivered" | "dead";

interface TellerContext {
  readonly ids: MessageIds;
  readonly tracing: TraceGate;
  readonly tell: (report: MessageReport) => void;
}

/** What is known of a message that could not be delivered. */
export interface Undelivered {
  readonly code: DeadCode;
  readonly reason: string;
  readonly receiver: string;
  /** Its sender is not told: it is the one that could not handle it. */
  readonly isFinal?: boolean;
}

/** Kinds of misfortune that are told apart. */
const TOLD_MAX = 1000;

export class MailTeller {
  readonly #context: TellerContext;
  /** How often the same misfortune was told. */
  readonly #told = new Map<string, { count: number; more: number }>();

  constructor(context: TellerContext) {
    this.#context = context;
  }

  /** The same misfortune again and again is told ever more seldom. */
  tellDead(mail: Mail, { code, reason, receiver }: Undelivered): void {
    const kind = `${code} ${mail.sender} ${mail.type} ${receiver} ${code === "INVALID" ? reason : ""}`;
    const known = this.#told.get(kind) ?? { count: 0, more: 0 };
    if (this.#told.size < TOLD_MAX) this.#told.set(kind, known);
    known.count += 1;
    // The first, and every one that doubles their number.
    if ((known.count & (known.count - 1)) !== 0 || (known.count === 1 && this.#told.size >= TOLD_MAX)) {
      known.more += 1;
      return;
    }
    const { id = this.#context.ids.text(mail.number), type: messageType, sender } = mail;
    this.#context.tell({
      type: "message-dead",
      id,
      messageType,
      sender,
      receiver,
      code,
      reason,
      more: known.more,
    });
    known.more = 0;
  }

  trace(
    step: MessageStep,
    { mail, receiver }: { readonly mail: Mail; readonly receiver: string },
  ): void {
    const { tracing } = this.#context;
    if (!tracing.isOpen) return;
    tracing.spend();
    const { id = this.#context.ids.text(mail.number), type: messageType, sender, start, end } = mail;
    const text = step === "sent" ? textOf(mail.bytes, start, end - 1) : "";
    this.#context.tell({
      type: "message",
      at: Date.now(), // The run may hear of it later.
      step,
      id,
      messageType,
      sender,
      receiver,
      ...correlationIn(text),
      bytes: end - start,
      ...tracing.isWhole && step === "sent" ? { envelope: text } : {},
    });
  }
}

/** What the message answers, if it says so. */
function correlationIn(envelope: string): { readonly correlationId?: string } {
  if (!envelope.includes('"correlation_id"')) return {};
  const { correlation_id: id } = JSON.parse(envelope) as { readonly correlation_id?: unknown }; // The engine wrote it.
  return typeof id === "string" ? { correlationId: id } : {};
}
