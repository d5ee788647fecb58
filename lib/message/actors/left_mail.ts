/**
 * What a process that has ended was given and has certainly not begun: the next one gets it.
 *
 *   it has said that it leaves    everything that it has not acknowledged, but for types that it never acknowledges:
 *                                 it has acknowledged what it had in hand
 *   it has not                    what it has not read
 *
 * What else is lost, and that is told:
 *
 *   it has failed                 what it had read and not acknowledged, with the one that it was at
 *   and acknowledges nothing      what it may not have handled of what it had read last
 *   it has ended well, without    what it had read and not acknowledged, of what it does acknowledge
 *   a word
 *   it had to be ended by force   the same as of one that has failed
 *   it has closed its standard    what it had been given and did not acknowledge, of what it does acknowledge
 *   output and lived on
 *
 * But for the first of them, where it has ended well by itself: that one may be why it ended.
 */
import { READ_AHEAD_BYTES } from "../../core/limits/message.ts";
import type { ActorProcess } from "./actor_process.ts";
import { readExactly } from "../wire/exact_json.ts";
import type { Flying } from "../mail/flying.ts";
import type { Mail } from "../mail/mail.ts";
import { PRIORITY_NORMAL } from "../mail/mail.ts";
import { textOf } from "../mail/origins.ts";

export interface LostMail {
  readonly flying: Flying;
  /** What its actor did: `ended before it …`. */
  readonly how: string;
}

const UNREAD = "ended before it read the message";
const UNACKNOWLEDGED = "ended before it acknowledged the message";
const CUT = "was ended before it had finished the message: it was told to end, and did not within the grace";
const MUTE = "closed its standard output before it acknowledged the message";
const DOUBTFUL = "failed, and acknowledges nothing: it may have handled some of what it had read";

export interface LeftMail {
  /** In the order in which they were given. */
  readonly again: readonly Mail[];
  readonly lost: readonly LostMail[];
  /** Messages that it has not begun, those that have to be handled among them. */
  readonly untaken: number;
}

export function findLeftMail(
  process: ActorProcess,
  { unread, isFailure }: { readonly unread: readonly Flying[]; readonly isFailure: boolean },
): LeftMail {
  const { inFlight, stdin } = process;
  const hasLeft = process.phase === "left";
  const untaken = hasLeft && inFlight.acknowledges ? listOwned(process, new Set(unread)) : unread;
  const again: Mail[] = [];
  const lost: LostMail[] = [];
  stdin.noteWaiting();
  for (const flying of untaken) {
    if (flying.isOwed) continue;
    const mail = flying.mail ?? readSent(process, flying);
    if (mail !== undefined) again.push({ ...mail, deliveries: 0 });
    else lost.push({ flying, how: UNREAD });
  }
  if (isFailure) lost.push(...listTaken(process, untaken));
  else if (process.phase === "stopped") lost.push(...listCut(process, untaken));
  else if (process.phase === "mute") lost.push(...listMute(process));
  else if (!hasLeft && stdin.isOpen) lost.push(...listBehind(process, untaken));
  // Who waits for an answer is told that there is none.
  return {
    again,
    lost: lost.filter(({ flying: { isOwed, isAsk } }) => !isOwed && !isAsk),
    untaken: untaken.length,
  };
}

/**
 * What a process that has ended well, by itself and without a word, had read and did not acknowledge, though it does
 * acknowledge such messages: behind the first, which may be why it ended.
 */
function listBehind(process: ActorProcess, untaken: readonly Flying[]): readonly LostMail[] {
  const { acknowledges, kinds } = process.inFlight;
  if (!acknowledges) return [];
  return listUnacknowledged(process).slice(1).filter((flying) => {
    return (kinds.hearsWords || isBehind(process, flying)) && !untaken.includes(flying);
  }).map((flying) => ({ flying, how: UNACKNOWLEDGED }));
}

/** What one that can acknowledge nothing more was given, though it does acknowledge such messages. */
function listMute(process: ActorProcess): readonly LostMail[] {
  const { kinds, most } = process.inFlight;
  return listUnacknowledged(process).filter((flying) =>
    most !== undefined || kinds.hearsWords || isBehind(process, flying)
  ).map((flying) => ({ flying, how: MUTE }));
}

/** What a process had read and may not have finished; the first is the one that it was at. */
function listTaken(process: ActorProcess, untaken: readonly Flying[]): readonly LostMail[] {
  const { acknowledges, kinds } = process.inFlight;
  if (!acknowledges) {
    return listDoubtful(process, untaken[0]?.start).map((flying) => ({ flying, how: DOUBTFUL }));
  }
  return listUnacknowledged(process).filter((flying) => {
    return !untaken.includes(flying) && (flying.state === "read" || kinds.isAwaited(flying));
  }).map((flying) => ({ flying, how: UNACKNOWLEDGED }));
}

/** What one that was ended by force had and had not finished: it was not seen to wait for more since. */
function listCut(process: ActorProcess, untaken: readonly Flying[]): readonly LostMail[] {
  return listTaken(process, untaken).flatMap(({ flying }) =>
    flying.order > process.inFlight.idleAt ? [{ flying, how: CUT }] : []
  );
}

/** What it has not acknowledged: also what it had read before it began to acknowledge, be that with a word of the engine. */
function listUnacknowledged(process: ActorProcess): readonly Flying[] {
  const { kinds } = process.inFlight;
  return process.inFlight.list().filter((flying) =>
    flying.state === "open" ||
    flying.state === "read" && (isBehind(process, flying) || kinds.hearsWords && !flying.isAnswer)
  );
}

/** It is of a kind that is acknowledged, and came after the newest that was. */
function isBehind({ inFlight: { kinds, newest } }: ActorProcess, flying: Flying): boolean {
  return kinds.hears(flying) && flying.order > newest;
}

/**
 * Messages that wait for their acknowledgement: also what it had read before it acknowledged for the first time. What
 * it never acknowledges, though it does what came later, it has handled, and so it has an answer that it has read.
 */
function listOwned({ inFlight }: ActorProcess, unread: ReadonlySet<Flying>): readonly Flying[] {
  const { kinds, newest, most } = inFlight;
  return inFlight.list().filter((flying) => {
    const { state, order, isAnswer } = flying;
    const isLate = order > newest;
    if (state === "read") return kinds.hears(flying) && isLate || kinds.hearsWords && !isAnswer;
    if (state !== "open") return false;
    if (most !== undefined || kinds.hearsWords || kinds.hears(flying)) return true;
    return unread.has(flying) || isLate && !isAnswer;
  });
}

/** What one that acknowledges nothing has read last: it read so much at once, and was not seen to wait for more. */
function listDoubtful({ inFlight }: ActorProcess, until: number | undefined): readonly Flying[] {
  const all = inFlight.list();
  const end = until ?? all.at(-1)?.end ?? 0;
  return all.filter((flying) =>
    !flying.isWord && flying.end <= end && flying.end > end - READ_AHEAD_BYTES &&
    flying.order > inFlight.idleAt
  );
}

/** The message as it was written to the process. */
function readSent(process: ActorProcess, flying: Flying): Mail | undefined {
  const bytes = process.stdin.read(flying);
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
