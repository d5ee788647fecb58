/**
 * What an actor of the engine will not do: its sender is answered so, and people are told where nobody looks for that.
 */
import { processOf } from "../actors/process_of.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Mail } from "../mail/mail.ts";
import type { DeadCode } from "../mail/message_report.ts";

export interface Refusal {
  /** The actor of the engine. */
  readonly from: string;
  readonly code: DeadCode;
  readonly message: string;
}

const FAILURE = "Failure";

export function refuse(delivery: Delivery, mail: Mail, { from, code, message }: Refusal): void {
  if (!isLookedFor(mail)) delivery.reject(mail, { code, reason: message, receiver: from, isFinal: true });
  delivery.outbox.reply(mail, { from, type: FAILURE, message: null, error: { code, message } });
}

/** Who has given its message no identity does not look for an answer, unless the flow says that it takes such. */
function isLookedFor({ isAsk, id, from }: Mail): boolean {
  if (isAsk === true || id !== undefined) return true;
  return processOf(from)?.cell.actor.messaging.accepts?.includes(FAILURE) === true;
}
