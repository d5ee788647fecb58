/**
 * One process of a message actor: what is on its way to it and from it.
 *
 *   mailbox ──▶ stdin ──▶ link ──▶ process ──▶ link ──▶ input ──▶ lines
 *               └── in flight: what it has not acknowledged ──┘
 */
import { MESSAGE_TURN_BYTES } from "../../core/limits/message.ts";
import type { Timer } from "../../data/timer_heap.ts";
import type { Link } from "../link/link.ts";
import type { Mail } from "../mail/mail.ts";
import type { HeadCache } from "../wire/head_cache.ts";
import type { Cell, CellProcess } from "./cell.ts";
import { InFlight } from "./in_flight.ts";
import { LineSource } from "./line_source.ts";
import type { MailTarget } from "./message_actor.ts";
import { ProcessInput } from "./process_input.ts";

/**
 * `starting`: it has not acknowledged its `Start`; `left`: it has said that it leaves, so what it has not acknowledged
 * it has not begun; `given-up`: its handler took too long, and it is being ended: nothing that it has was begun; `mute`:
 * it was told to end because it can acknowledge nothing more; `stopped`: it was ended because it did not end by itself when it was told to.
 */
export type ProcessPhase = "starting" | "ready" | "left" | "given-up" | "mute" | "stopped";

/** When the system was, and is to be, asked what a process does. */
export interface ProcessLooks {
  /** How much it has read. */
  heldAt: number;
  /** Whether it waits for more before it acknowledges, and how long after that again. */
  starvedAt: number;
  starvedMs: number;
}

export class ActorProcess extends LineSource implements CellProcess {
  /** The run's number of it. */
  readonly id: number;
  readonly pid: number;
  readonly cell: Cell;
  /** Who it is as a sender. */
  readonly address: string;
  readonly heads: HeadCache<MailTarget>;

  readonly stdin: ProcessInput;
  readonly inFlight: InFlight;
  phase: ProcessPhase = "starting";
  /** When the message that a handler is at is given up. */
  deadline: Timer | undefined;

  /** Messages that are handled when nothing is parked any more. */
  readonly settledLater: Mail[] = [];
  /** It lives in another program, was given something, and has said nothing since. */
  mayAnswer = false;
  /** How often in a row it has written at a `Reject` what could not be delivered either, and in which turn last. */
  readonly answered = { rounds: 0, at: 0 };
  /** A record of it waits for room in its stream. */
  isStreamFull = false;

  /** Bytes written to it and read from it: they tell that something moves. */
  moved = 0;
  /** Lines that were read from it. */
  lines = 0;
  /** When it was last given something or heard of. */
  lastAt = 0;
  readonly looks: ProcessLooks = { heldAt: 0, starvedAt: 0, starvedMs: 0 };

  constructor(
    { id, pid, link, cell, address, heads }:
      & Pick<ActorProcess, "id" | "pid" | "cell" | "address" | "heads">
      & {
        readonly link: Link;
      },
  ) {
    super(link.from);
    this.id = id;
    this.pid = pid;
    this.cell = cell;
    this.address = address;
    this.heads = heads;
    const { handler, prefetch } = cell.actor.messaging;
    this.inFlight = new InFlight({ prefetch, acknowledges: handler !== undefined });
    this.stdin = new ProcessInput(link.to, this.inFlight);
  }

  override get isPaused(): boolean {
    return this.isStreamFull || super.isPaused;
  }

  /** True when it lives in another program. */
  get isRemote(): boolean {
    return this.cell.actor.messaging.remote !== undefined;
  }

  /** True when one more message may go on its way. */
  get hasRoom(): boolean {
    const { isOpen, isFull, bytes } = this.stdin;
    // What its connection takes is known.
    if (this.isRemote) return isOpen && !isFull && bytes.length <= MESSAGE_TURN_BYTES;
    return isOpen && !this.isMute && !isFull && bytes.length <= MESSAGE_TURN_BYTES && this.inFlight.hasRoom;
  }

  /** It acknowledges, and has closed its standard output: what it is given now it could not acknowledge any more. */
  get isMute(): boolean {
    return this.isAtEnd && this.inFlight.acknowledges;
  }

  /** True when it has nothing to do, as far as it tells. */
  get isFree(): boolean {
    const isDone = !this.inFlight.awaits && this.stdin.isEmpty;
    return isDone && !this.isPaused && this.input.length === 0;
  }

  /** One that does not acknowledge what the engine says cannot tell when it has saved its state. */
  get hearsWords(): boolean {
    return this.inFlight.acknowledges && this.inFlight.kinds.hearsWords;
  }

  /** How busy it is, to be compared with others of its kind. */
  get load(): number {
    return this.inFlight.load;
  }
}
