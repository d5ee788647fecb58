/**
 * What is on its way to one process: every message that it was given and has not acknowledged, in the order in which
 * it was given. An acknowledgement takes its own message out, whatever came before it.
 *
 *   add ──▶ flying ──▶ acknowledged, refused      its own, in any order
 *              ├─────▶ answered                   it waits for nothing more, and is taken with a later one
 *              └─────▶ read                       of a process that acknowledges nothing
 *
 * How many may be on their way is `prefetch`, or what the process handles in a few milliseconds (`window.ts`): counted
 * in messages behind the newest one that it has acknowledged, or in bytes that it has not read.
 */
import {
  IN_FLIGHT_KEPT_BYTES,
  IN_FLIGHT_MAX,
  READ_AHEAD_BYTES,
  READ_KNOWN_MAX,
  WINDOW_BYTES_FIRST,
  WINDOW_BYTES_MAX,
  WINDOW_MESSAGES_MAX,
} from "../../core/limits/message.ts";
import { AcknowledgedKinds } from "./acknowledged_kinds.ts";
import { FlightTally } from "./flight_tally.ts";
import type { Flying, Giving } from "../mail/flying.ts";
import type { Mail } from "../mail/mail.ts";
import { Window } from "./window.ts";

export class InFlight {
  /** True once it has acknowledged something, or has to. */
  acknowledges: boolean;
  readonly #prefetch: number | undefined;
  readonly kinds = new AcknowledgedKinds();
  readonly #flying = new Map<number, Flying>();
  readonly #bytes = new Window({ first: WINDOW_BYTES_FIRST, max: WINDOW_BYTES_MAX });
  readonly #messages = new Window({ first: 1, max: WINDOW_MESSAGES_MAX });
  /** What was given, in all, and the newest message of it that was acknowledged. */
  readonly #total = { messages: 0, bytes: 0 };
  #newest = 0;
  /** Of a process that acknowledges nothing: so many bytes were read. */
  #readBytes = 0;
  readonly #tally = new FlightTally();
  /** So many messages were given when it was last seen to have read everything and to wait for more. */
  idleAt = 0;

  /** With `prefetch` it has to acknowledge what it is given. */
  constructor(
    { prefetch, acknowledges }: {
      readonly prefetch?: number | undefined;
      readonly acknowledges: boolean;
    },
  ) {
    this.#prefetch = prefetch;
    this.acknowledges = acknowledges || prefetch !== undefined;
  }

  /** True when nothing is on its way. */
  get isEmpty(): boolean {
    return this.#flying.size === 0;
  }

  /** Messages that it was given, in all. */
  get given(): number {
    return this.#total.messages;
  }

  /** How many have still to be acknowledged. */
  get open(): number {
    return this.#tally.open;
  }

  /** Messages that have to be handled, in the order in which they were given. */
  get owed(): readonly Mail[] {
    if (this.#tally.owed === 0) return [];
    return [...this.#flying.values()].flatMap(({ mail, isOwed }) => isOwed ? mail ?? [] : []);
  }

  get hasOwed(): boolean {
    return this.#tally.owed > 0;
  }

  /** True when an answer says something here: who acknowledges everything says it again. */
  get heedsAnswers(): boolean {
    return this.#tally.owed > 0 || this.#prefetch !== undefined ||
      this.acknowledges && !this.kinds.hearsWords;
  }

  /** The newest message that was acknowledged, by its order. */
  get newest(): number {
    return this.#newest;
  }

  /** True while the process is at work, by what it acknowledges otherwise. */
  get awaits(): boolean {
    const isBound = this.#prefetch !== undefined && this.#tally.open > 0;
    return this.acknowledges && (isBound || this.kinds.awaitsAny(this.#flying, this.#newest));
  }

  /** The most messages that there may be, when no window can grow beyond. */
  get most(): number | undefined {
    if (this.#prefetch !== undefined) return this.#prefetch;
    return (this.#tally.owed > 0 || this.kinds.hearsWords) &&
        (this.#tally.open >= IN_FLIGHT_MAX || this.#tally.mailBytes >= IN_FLIGHT_KEPT_BYTES)
      ? this.#tally.open
      : undefined;
  }

  get hasRoom(): boolean {
    if (this.#tally.open === 0) return true;
    if (this.#tally.mailBytes >= IN_FLIGHT_KEPT_BYTES) return false;
    if (this.#prefetch !== undefined) return this.#tally.open < this.#prefetch;
    if (this.#tally.open >= IN_FLIGHT_MAX) return false;
    return (this.acknowledges ? this.#messages : this.#bytes).fits(1);
  }

  /** How busy its process is, to be compared with others of its kind. */
  get load(): number {
    return this.acknowledges ? this.#tally.open : this.#bytes.inFlight;
  }

  /** True when it is on its way, and is waited for. */
  isAwaited(number: number): boolean {
    const flying = this.#flying.get(number);
    if (flying === undefined || !this.acknowledges) return flying?.state === "open";
    return this.awaits && this.kinds.isAwaited(flying);
  }

  /** A message was given to the process. `then` is called when it is acknowledged. */
  add(
    number: number,
    {
      bytes,
      now,
      type,
      from,
      id,
      mail,
      isOwed = false,
      isAsk = false,
      isWord = false,
      isAnswer = false,
      then,
    }: Giving,
  ): void {
    const known = this.#flying.get(number);
    if (known !== undefined) this.#take(known); // It has come back.
    this.#total.bytes += bytes;
    this.#bytes.sent(bytes, now);
    if (!isWord) {
      this.#total.messages += 1;
      this.#messages.sent(1, now);
    }
    const flying: Flying = {
      number,
      id,
      order: this.#total.messages,
      start: this.#total.bytes - bytes,
      end: this.#total.bytes,
      type,
      from,
      mail,
      isOwed,
      isAsk,
      isAnswer,
      isWord,
      state: isWord ? "word" : "open",
      then,
    };
    this.#tally.enter(flying);
    this.#flying.set(number, flying);
  }

  /** The message that is meant by an identity, or by the engine's number of it. */
  find(number: number, id: () => string): Flying | undefined {
    if (this.#tally.named > 0) {
      const text = id();
      for (const flying of this.#flying.values()) if (flying.id === text) return flying;
    }
    return this.#flying.get(number);
  }

  /** It was acknowledged: it is taken out, and with it what waits for no acknowledgement and was given before. */
  acknowledge(flying: Flying, now: number): void {
    if (!this.acknowledges) this.#begin(flying);
    this.kinds.hear(flying);
    this.#takeDone(flying);
    if (flying.state !== "word") this.#newest = Math.max(this.#newest, flying.order);
    this.#take(flying);
    this.#messages.leave(this.#total.messages - this.#newest, now);
    flying.then?.();
  }

  /** It was answered: nothing has to be done for it, though its process may be at it still. */
  answer(flying: Flying, now: number): void {
    this.#tally.forgetMail(flying);
    this.#tally.close(flying, "answered");
    if (!this.acknowledges) return;
    this.#newest = Math.max(this.#newest, flying.order);
    this.#messages.leave(this.#total.messages - this.#newest, now);
  }

  /** What a process was given before the first message that it acknowledges, it has taken without a word. */
  #begin(first: Flying): void {
    this.acknowledges = true;
    for (const flying of this.#flying.values()) {
      if (flying === first) break;
      if (flying.isOwed) continue;
      this.#take(flying);
      flying.then?.();
    }
  }

  #takeDone(until: Flying): void {
    if (this.#flying.size === this.#tally.open) return; // There is none.
    for (const flying of this.#flying.values()) {
      if (flying === until) return;
      if (flying.state === "open") continue;
      this.#take(flying);
      flying.then?.();
    }
  }

  #take(flying: Flying): void {
    this.#flying.delete(flying.number);
    this.#tally.leave(flying);
  }

  /** Takes out the oldest message that has to be handled. */
  takeFirst(): Mail | undefined {
    const first = this.list().find(({ isOwed }) => isOwed);
    const mail = first?.mail;
    if (first !== undefined) this.#take(first);
    return mail;
  }

  /** All but `unread` bytes of what was given were read: who acknowledges nothing has taken them. */
  noteUnread(unread: number, now: number): void {
    this.#bytes.leave(unread, now);
    if (this.acknowledges) return;
    this.#readBytes = this.#total.bytes - unread;
    for (const flying of this.#flying.values()) {
      if (flying.end > this.#total.bytes - unread) break;
      if (!flying.isOwed && flying.state === "open") this.#tally.close(flying, "read");
    }
    this.#forgetRead();
  }

  /** Of a process that acknowledges nothing the newest are remembered: it may still begin to. */
  #forgetRead(): void {
    for (const flying of this.#flying.values()) {
      const isBounded = this.#flying.size - this.#tally.open <= READ_KNOWN_MAX &&
        this.#tally.mailBytes <= IN_FLIGHT_KEPT_BYTES / 2;
      if (isBounded) return;
      if (flying.state !== "open") this.#take(flying);
    }
  }

  /** What is known of all that it was given, in that order. */
  list(): readonly Flying[] {
    return [...this.#flying.values()];
  }

  /** Bytes up to which everything that was given is handled, as far as it is known. */
  get handledBytes(): number {
    // What it has read last it may still have in hand, and acknowledge, or leave.
    for (const { start } of this.#flying.values()) return Math.max(start, this.#readBytes - READ_AHEAD_BYTES);
    return this.#total.bytes;
  }

  /** Messages among the last `unread` bytes. */
  listUnread(unread: number): readonly Flying[] {
    const at = this.#total.bytes - unread;
    return [...this.#flying.values()].filter(({ end, state }) => state === "open" && end > at);
  }

  /** The process has read all that it was given, and nothing of it is waited for: it counts as taken. */
  takeUnawaited(now: number): boolean {
    if (!this.acknowledges || this.most !== undefined || this.awaits) return false;
    for (const flying of this.#flying.values()) if (flying.state === "open") this.#take(flying);
    this.#newest = this.#total.messages;
    this.#messages.leave(0, now);
    this.#messages.grow();
    return true;
  }

  /**
   * The process has read all that it was given, and waits for more before it acknowledges: more may be on their way.
   * When there is no more to allow it counts as one that acknowledges nothing. False when it has to acknowledge.
   */
  grow(): boolean {
    if (this.most !== undefined) return false;
    if (this.#tally.open < IN_FLIGHT_MAX && this.#messages.grow()) return true;
    if (this.#tally.owed > 0) return false;
    this.acknowledges = false;
    this.#newest = this.#total.messages;
    for (const flying of this.#flying.values()) this.#take(flying);
    return true;
  }
}
