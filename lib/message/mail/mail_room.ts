/**
 * The room of all mailboxes of a run together: so many bytes in memory, then on disk, both within the limits of the
 * flow. One mailbox may have a share of the memory; then its senders wait.
 */
import { MAILBOX_SHARE, WAITING_BYTES } from "../../core/limits/message.ts";
import type { NoRoom } from "../../data/block_store.ts";
import type { Part } from "../../data/byte_buffer.ts";
import type { MailStore, Stored } from "./mail_store.ts";

/** Where a message waits: in memory, with so many bytes, or outside. */
export type MailPlace =
  | { readonly is: "memory"; readonly bytes: number }
  | { readonly is: "stored"; readonly stored: Stored; readonly length: number };

export class MailRoom {
  readonly #memoryBytes: number;
  readonly #store: MailStore | undefined;
  #held = 0;

  constructor(
    { memoryBytes, store }: { readonly memoryBytes: number; readonly store?: MailStore | undefined },
  ) {
    this.#memoryBytes = memoryBytes;
    this.#store = store;
  }

  /** Bytes that one mailbox may hold before its senders wait. */
  get mailboxBytes(): number {
    return this.#memoryBytes * MAILBOX_SHARE;
  }

  get heldBytes(): number {
    return this.#held;
  }

  get noRoom(): NoRoom {
    return this.#store?.noRoom ?? { kind: "limit" };
  }

  /** Finds a place in memory, else on disk; undefined when there is none. */
  find(part: Part): MailPlace | undefined {
    const bytes = costOf(part);
    return this.#held + bytes <= this.#memoryBytes ? this.hold(part) : this.spill(part);
  }

  /** In memory, whatever is there already. */
  hold(part: Part): MailPlace {
    const bytes = costOf(part);
    this.#held += bytes;
    return { is: "memory", bytes };
  }

  /** On disk; undefined when there is no room. */
  spill(part: Part): MailPlace | undefined {
    const stored = this.#store?.put(part);
    return stored === undefined ? undefined : { is: "stored", stored, length: part.end - part.start };
  }

  /** Gives the place back, and the bytes of the message when they were not in memory. */
  leave(place: MailPlace): Uint8Array | undefined {
    if (place.is === "stored") return this.#store?.take(place.stored);
    this.#held -= place.bytes;
    return undefined;
  }
}

/** What a message takes in memory: its bytes, and what is known of it. */
export function costOf({ start, end }: Part): number {
  return end - start + WAITING_BYTES;
}
