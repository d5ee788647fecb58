/**
 * One process of a message actor: what is on its way to it and from it.
 *
 *   mailbox ──▶ out ──▶ pipe ──▶ process ──▶ pipe ──▶ input ──▶ lines
 *               └── in flight: what it has not acknowledged ──┘
 */
import { MESSAGE_TURN_BYTES } from "../../core/limits/message.ts";
import { ByteBuffer } from "../../data/byte_buffer.ts";
import type { Cell, CellProcess } from "./cell.ts";
import type { HeadCache } from "../wire/head_cache.ts";
import { InFlight } from "./in_flight.ts";
import { LineSource } from "./line_source.ts";
import type { Mail } from "../mail/mail.ts";
import type { Target } from "./message_actor.ts";
import { SentBytes } from "../mail/sent_bytes.ts";
import type { Timer } from "../../data/timer_heap.ts";

export class ActorProcess extends LineSource implements CellProcess {
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
  /** What was written of it, and may not be handled yet. */
  readonly sent = new SentBytes();
  /** Bytes that could not be written, because nobody reads the pipe any more. */
  dropped = 0;
  /** The pipe took no more: it is watched. */
  isOutFull = false;
  /** Its standard input is closed, or is when `out` is written. */
  isClosing = false;
  isClosed = false;

  /** Messages that are handled when nothing is parked any more. */
  readonly settledLater: Mail[] = [];
  /** A record of it waits for room in its stream. */
  isStreamFull = false;

  readonly inFlight: InFlight;
  /** It has acknowledged its `Start`. */
  isReady = false;
  /** When the message that a handler is at is given up. */
  deadline: Timer | undefined;
  /** It took too long, and is being ended: nothing that it has been given was begun. */
  isGivenUp = false;

  /** Bytes written to it and read from it: they tell that something moves. */
  moved = 0;
  /** Lines that were read from it. */
  lines = 0;
  /** When it was last asked how much it has read. */
  lookedAt = 0;
  /** When it may be looked whether it waits for more before it acknowledges, and how long after that again. */
  starvedAt = 0;
  starvedMs = 0;
  /** It has said that it leaves: what it has not acknowledged it has not begun. */
  hasLeft = false;
  /** When it was last given something or heard of. */
  lastAt = 0;

  constructor(
    { id, pid, inFd, outFd, cell, address, heads }: Pick<
      ActorProcess,
      "id" | "pid" | "inFd" | "outFd" | "cell" | "address" | "heads"
    >,
  ) {
    super();
    this.id = id;
    this.pid = pid;
    this.inFd = inFd;
    this.outFd = outFd;
    this.cell = cell;
    this.address = address;
    this.heads = heads;
    const { handler, prefetch } = cell.actor.messaging;
    this.inFlight = new InFlight({ prefetch, acknowledges: handler !== undefined });
  }

  override get isPaused(): boolean {
    return this.isStreamFull || super.isPaused;
  }

  /** True when one more message may go on its way. */
  get hasRoom(): boolean {
    if (this.isOutFull || this.isClosing || this.out.length > MESSAGE_TURN_BYTES) return false;
    return this.inFlight.hasRoom;
  }

  /** How busy it is, to be compared with others of its kind. */
  get load(): number {
    return this.inFlight.load;
  }

  /** Bytes of `out` are in its pipe, or will never be. */
  noteSent(bytes: Uint8Array): void {
    this.sent.note(bytes, this.inFlight.handledBytes);
  }

  /** Nobody reads what waits to be written. */
  dropOut(): void {
    const { out } = this;
    this.dropped += out.length;
    this.noteSent(out.bytes.subarray(out.start, out.end));
    out.clear();
  }

  /** Bytes that it was given and has not read, of which `held` lie in its pipe. */
  unreadOf(held: number): number {
    return held + this.out.length + this.dropped;
  }
}
