/**
 * The standard input of a process: what waits to be written there, and what was written last.
 *
 *   open ──told to end──▶ closing ──all is written──▶ closed
 */
import type { InFlight } from "./in_flight.ts";
import type { LinkOut } from "../link/link.ts";
import { Outgoing } from "./outgoing.ts";
import { SentBytes } from "../mail/sent_bytes.ts";

export class ProcessInput extends Outgoing {
  readonly #inFlight: InFlight;
  readonly #sent = new SentBytes();
  /** Bytes that could not be written, because nobody reads them any more. */
  #dropped = 0;
  #state: "open" | "closing" | "closed" = "open";

  constructor(link: LinkOut, inFlight: InFlight) {
    super(link);
    this.#inFlight = inFlight;
  }

  /** False when its process was told to end: nothing comes behind what waits. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Its process is told to end. */
  end(): void {
    if (this.#state === "open") this.#state = "closing";
  }

  /** Nothing can be written any more. */
  close(): void {
    this.#state = "closed";
    this.link.close();
  }

  override took(count: number): void {
    this.#note(count);
    super.took(count);
  }

  /** Nobody reads what waits to be written. */
  drop(): void {
    this.#dropped += this.bytes.length;
    this.noteWaiting();
    this.bytes.clear();
  }

  /** What waits can be read again as well. */
  noteWaiting(): void {
    this.#note(this.bytes.length);
  }

  #note(count: number): void {
    const { bytes, start } = this.bytes;
    this.#sent.note(bytes.subarray(start, start + count), this.#inFlight.handledBytes);
  }

  /** Bytes that its process was given and has not read. */
  get unread(): number {
    return this.link.held + this.bytes.length + this.#dropped;
  }

  /** The bytes from one position to another, of all that it was given; undefined when they are forgotten. */
  read(part: { readonly start: number; readonly end: number }): Uint8Array | undefined {
    return this.#sent.read(part);
  }
}
