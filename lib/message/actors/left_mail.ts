/**
 * What a process that has ended was given and has certainly not begun: the next one gets it.
 *
 *   it has said that it leaves    everything that it has not acknowledged: it has acknowledged what it had in hand
 *   it has not                    what it has not read
 *
 * Of one that acknowledges everything, and ends well without a word, what is behind the first is lost as well.
 */
import type { ActorProcess } from "./actor_process.ts";
import { readExactly } from "../wire/exact_json.ts";
import type { Flying } from "../mail/flying.ts";
import type { Mail } from "../mail/mail.ts";
import { PRIORITY_NORMAL } from "../mail/mail.ts";
import { textOf } from "../mail/origins.ts";

export interface LeftMail {
  /** In the order in which they were given. */
  readonly again: readonly Mail[];
  readonly lost: readonly Flying[];
  /** Messages that it has not begun, those that have to be handled among them. */
  readonly untaken: number;
}

export function findLeftMail(
  process: ActorProcess,
  { unread, isFailure }: { readonly unread: readonly Flying[]; readonly isFailure: boolean },
): LeftMail {
  const { inFlight, hasLeft } = process;
  const open = inFlight.listOpen();
  const untaken = hasLeft && inFlight.acknowledges ? open : unread;
  const again: Mail[] = [];
  const lost: Flying[] = [];
  process.noteSent(process.out.bytes.subarray(process.out.start, process.out.end));
  for (const flying of untaken) {
    if (flying.isOwed) continue;
    const mail = flying.mail ?? readSent(process, flying);
    if (mail !== undefined) again.push({ ...mail, deliveries: 0 });
    else if (!isFailure && !flying.isAsk) lost.push(flying);
  }
  if (!hasLeft && !isFailure && !process.isClosing && inFlight.acknowledges && inFlight.kinds.hearsWords) {
    lost.push(
      ...open.slice(1).filter((flying) => !untaken.includes(flying) && !flying.isOwed && !flying.isAsk),
    );
  }
  return { again, lost, untaken: untaken.length };
}

/** The message as it was written to the process. */
function readSent(process: ActorProcess, flying: Flying): Mail | undefined {
  const bytes = process.sent.read(flying);
  if (bytes === undefined) return undefined;
  const { number, id, type, from, isAsk, isAnswer } = flying;
  // The engine has written it.
  const envelope = readExactly(textOf(bytes, 0, bytes.length)) as {
    readonly receiver: string;
    readonly sender_actor?: string;
    readonly priority?: number;
  };
  const { receiver, sender_actor: sender = "", priority = PRIORITY_NORMAL } = envelope;
  const { actor, instances } = process.cell;
  const key = instances === undefined || !receiver.startsWith(`${actor.name}/`)
    ? {}
    : { key: receiver.slice(actor.name.length + 1) };
  const part = { bytes, start: 0, end: bytes.length };
  return { ...part, ...key, number, id, type, from, isAsk, isAnswer, sender, priority, deliveries: 0 };
}
