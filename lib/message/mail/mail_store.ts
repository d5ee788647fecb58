/**
 * The bytes of messages that wait outside of memory: one after the other in blocks of the same store as those of
 * streams. A block is given back when nothing in it is waited for any more.
 */
import { BLOCK_BYTES } from "../../core/limits/streams.ts";
import type { Block, BlockStore, NoRoom } from "../../data/block_store.ts";
import type { DescriptorIo } from "../../host/descriptor_io/descriptor_io.ts";
import type { Part } from "../../data/byte_buffer.ts";

/** A block, how far it is written, and how many messages have a piece in it. */
interface Filled {
  readonly block: Block;
  used: number;
  pieces: number;
}

/** Where the bytes of a message are. */
export type Stored = readonly { readonly filled: Filled; readonly offset: number; readonly length: number }[];

export interface MailStoreOptions {
  readonly blocks: BlockStore;
  readonly io: DescriptorIo;
}

export class MailStore {
  readonly #blocks: BlockStore;
  readonly #io: DescriptorIo;
  #last: Filled | undefined;

  constructor({ blocks, io }: MailStoreOptions) {
    this.#blocks = blocks;
    this.#io = io;
  }

  /** Why the last message found no room. */
  get noRoom(): NoRoom {
    return this.#blocks.noRoom;
  }

  /** Keeps the bytes of a message; undefined when there is no room for them. */
  put({ bytes, start, end }: Part): Stored | undefined {
    const stored: { filled: Filled; offset: number; length: number }[] = [];
    for (let at = start; at < end;) {
      const filled = this.#withRoom();
      const length = filled === undefined ? 0 : Math.min(BLOCK_BYTES - filled.used, end - at);
      if (filled === undefined || !this.#write(filled, bytes.subarray(at, at + length))) {
        this.#release(stored);
        return undefined;
      }
      stored.push({ filled, offset: filled.used, length });
      filled.used += length;
      filled.pieces += 1;
      at += length;
    }
    return stored;
  }

  /** Takes the bytes of a message out. */
  take(stored: Stored): Uint8Array {
    const bytes = new Uint8Array(stored.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const { filled: { block }, offset, length } of stored) {
      for (const end = at + length; at < end;) {
        const buffer = bytes.subarray(at, end);
        const from = block.offset + offset + length - buffer.length;
        const count = this.#io.readAt(block.fd, { buffer, offset: from });
        if (count <= 0) throw new Error("A message that was put on disk is not there any more");
        at += count;
      }
    }
    this.#release(stored);
    return bytes;
  }

  #withRoom(): Filled | undefined {
    if (this.#last !== undefined && this.#last.used < BLOCK_BYTES) return this.#last;
    const block = this.#blocks.allocate({ isBase: false });
    this.#last = block === undefined ? undefined : { block, used: 0, pieces: 0 };
    return this.#last;
  }

  /** False when the disk does not take it. */
  #write({ block, used }: Filled, bytes: Uint8Array): boolean {
    try {
      for (let at = 0; at < bytes.length;) {
        const offset = block.offset + used + at;
        at += this.#io.writeAt(block.fd, { bytes: bytes.subarray(at), offset });
      }
      return true;
    } catch (error) {
      this.#blocks.refuse(error);
      return false;
    }
  }

  #release(stored: Stored): void {
    for (const { filled } of stored) {
      filled.pieces -= 1;
      if (filled.pieces > 0) continue;
      if (filled === this.#last) this.#last = undefined;
      this.#blocks.free(filled.block, { isBase: false });
    }
  }
}
