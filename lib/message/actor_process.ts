/**
 * One process of a message actor: what is on its way to it and from it.
 *
 *   mailbox ──▶ out ──▶ pipe ──▶ process ──▶ pipe ──▶ input ──▶ lines
 *               └── window: what it has not taken ──┘
 */
import {
  MESSAGE_TURN_BYTES,
  WINDOW_BYTES_FIRST,
  WINDOW_BYTES_MAX,
  WINDOW_MESSAGES_MAX,
} from "../core/limits.ts";
import type { Ask } from "./asks.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import type { Cell } from "./cell.ts";
import { Deque } from "./deque.ts";
import type { HeadCache } from "./head_cache.ts";
import type { Mail } from "./mail.ts";
import type { Target } from "./message_actor.ts";
import type { Timer } from "./timer_heap.ts";
import { Window } from "./window.ts";

/** A message that has no room yet: its sender is not read meanwhile. */
export interface Parked {
  readonly cell: Cell;
  readonly mail: Mail;
}

export class ActorProcess {
  /** The run's number of it. */
  readonly id: number;
  readonly pid: number;
  readonly inFd: number;
  readonly outFd: number;
  readonly cell: Cell;
  /** Who it is as a sender. */
  readonly address: string;
  readonly heads: HeadCache<Target>;

  readonly out = new ByteBuffer(1024);
  /** The pipe took no more: it is watched. */
  isOutFull = false;
  /** Its standard input is closed, or is when `out` is written. */
  isClosing = false;
  isClosed = false;

  /** The beginning of a line, and lines that have to wait. */
  readonly input = new ByteBuffer(64);
  /** The rest of a line that is too long is thrown away. */
  isSkipping = false;
  isReadable = true;
  isBroken = false;
  isAtEnd = false;
  readonly parked = new Deque<Parked>();
  /** Messages that are handled when nothing is parked any more. */
  readonly settledLater: Mail[] = [];
  /** A record of it waits for room in its stream. */
  isStreamFull = false;

  /** True once it has acknowledged something. */
  acknowledges = false;
  /** In bytes, until it acknowledges. */
  readonly byteWindow = new Window({ first: WINDOW_BYTES_FIRST, max: WINDOW_BYTES_MAX });
  readonly messageWindow = new Window({ first: 1, max: WINDOW_MESSAGES_MAX });
  /** The numbers of messages that it has not acknowledged, oldest first. */
  readonly unanswered = new Deque<number>();
  /** The same as messages, when they have to be delivered again. */
  readonly unhandled = new Deque<Mail>();
  /** When the message that a handler is at is given up. */
  deadline: Timer | undefined;
  /** It took too long, and is being ended: nothing that it has been given was begun. */
  isGivenUp = false;
  /** What is to be done when a message of the engine is acknowledged. */
  readonly awaited = new Map<number, () => void>();
  /** The requests for whose answers it waits. */
  readonly asks = new Set<Ask>();

  /** Bytes written to it and read from it: they tell that something moves. */
  moved = 0;
  /** Lines that were read from it. */
  lines = 0;
  /** When it was last asked how much it has read. */
  lookedAt = 0;
  /** When it was last given something or heard of. */
  lastAt = 0;
  /** Kinds of broken lines that were told, and how many there were. */
  readonly broken = new Map<string, number>();

  constructor(
    { id, pid, inFd, outFd, cell, address, heads }: Pick<
      ActorProcess,
      "id" | "pid" | "inFd" | "outFd" | "cell" | "address" | "heads"
    >,
  ) {
    this.id = id;
    this.pid = pid;
    this.inFd = inFd;
    this.outFd = outFd;
    this.cell = cell;
    this.address = address;
    this.heads = heads;
  }

  /** It is not read: something of it has no room. */
  get isPaused(): boolean {
    return this.parked.length > 0 || this.isStreamFull;
  }

  /** True when one more message may go on its way. */
  get hasRoom(): boolean {
    if (this.isOutFull || this.isClosing || this.out.length > MESSAGE_TURN_BYTES) return false;
    return this.acknowledges ? this.messageWindow.fits(1) : this.byteWindow.fits(1);
  }

  /** How busy it is, to be compared with others of its kind. */
  get load(): number {
    return this.acknowledges ? this.messageWindow.inFlight : this.byteWindow.inFlight;
  }

  /** A message was put into `out`. */
  noteSent(number: number, { bytes, now }: { readonly bytes: number; readonly now: number }): void {
    this.byteWindow.sent(bytes, now);
    this.messageWindow.sent(1, now);
    if (this.unanswered.length < UNANSWERED_MAX || this.acknowledges) this.unanswered.push(number);
  }

  /** It has acknowledged a message, and with it all that were given to it before. False when it was not on its way. */
  acknowledge(number: number, now: number): boolean {
    const { unanswered } = this;
    if (unanswered.first !== number && !unanswered.list().includes(number)) return false;
    this.acknowledges = true;
    for (let first = unanswered.shift(); first !== undefined; first = unanswered.shift()) {
      this.#answered(first);
      if (first === number) break;
    }
    this.messageWindow.leave(unanswered.length, now);
    return true;
  }

  #answered(number: number): void {
    if (this.awaited.size === 0) return;
    const then = this.awaited.get(number);
    this.awaited.delete(number);
    then?.();
  }

  /** `held` bytes lie in its pipe. */
  noteHeld(held: number, now: number): void {
    this.byteWindow.leave(held + this.out.length, now);
  }
}

/** Of a process that acknowledges nothing no more numbers are kept. */
const UNANSWERED_MAX = 1024;
