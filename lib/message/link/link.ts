/**
 * What joins an actor to the bus: lines come from it, and lines go to it. What carries them only the link knows; an
 * actor and all who deal with it have no descriptors. Over pipes, the only kind yet: `pipe_link.ts`.
 *
 *   actor ──▶ LinkIn ──▶ LineSource ──▶ lines      messages ──▶ Outgoing ──▶ LinkOut ──▶ actor
 *
 * Bytes may be cut anywhere, but the engine gives and expects lines: each ends in a line break. So a link of whole
 * messages adds the break to what it gives, and takes only as much as ends in one.
 */
import type { Moved } from "../../host/descriptor_io/descriptor_io.ts";

export interface Link {
  readonly from: LinkIn;
  readonly to: LinkOut;
}

/** Where lines come from. */
export interface LinkIn {
  /** Bytes that have come and were not read; a guess of 1 where nobody can tell and something may be there. */
  readonly held: number;
  /** Calls from now on when there may be something to be read; `isBroken`: its end may be behind it. */
  listen(onReady: (isBroken: boolean) => void): void;
  /** Gives the number of bytes, or that there are none, now (`NOT_NOW`) or any more (`AT_END`, `GONE`). */
  read(into: Uint8Array): Moved;
  close(): void;
}

/** Where lines go to. */
export interface LinkOut {
  /** Bytes that were written and that the other side has not read; a guess of 1 as above. */
  readonly held: number;
  /** False when `held` is a guess. */
  readonly tellsHeld: boolean;
  /** The pipe by which the system tells whether a process waits for more. Without one nobody can look. */
  readonly fd: number | undefined;
  /** What is called when it takes bytes again, after a `write` that gave `NOT_NOW`. */
  listen(onReady: () => void): void;
  /** Gives how many bytes of the front were taken, or that none are, now (`NOT_NOW`) or any more (`GONE`). */
  write(bytes: Uint8Array): Moved;
  close(): void;
}
