/**
 * What was taken from a stream and not yet read by all of its readers, once for all of them: each reader has its own
 * position. Positions count the bytes of the stream from its beginning.
 */
import { BLOCK_BYTES } from "../../core/limits/streams.ts";
import { isOfSource } from "../../host/descriptor_io/copying.ts";
import type { DescriptorIo, Moved } from "../../host/descriptor_io/descriptor_io.ts";
import { AT_END, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import type { Block, BlockStore } from "../../data/block_store.ts";

interface Held {
  readonly block: Block;
  readonly isBase: boolean;
}

export class StreamLog {
  readonly #io: DescriptorIo;
  readonly #store: BlockStore;
  /** Where the first block begins, and where the bytes end. */
  #start = 0;
  #tail = 0;
  #blocks: Held[] = [];
  /** True when the last append found no room in the store. */
  lacksRoom = false;

  constructor(io: DescriptorIo, store: BlockStore) {
    this.#io = io;
    this.#store = store;
  }

  get tail(): number {
    return this.#tail;
  }

  get isSpilled(): boolean {
    return this.#blocks.some(({ block }) => block.isSpilled);
  }

  /** Takes bytes from a pipe: at most `max`, which are within what the stream may always hold or not. */
  append(from: number, { max, isBase }: { readonly max: number; readonly isBase: boolean }): Moved {
    return this.#extend(
      isBase,
      ({ fd, offset, room }) => this.#io.store({ from, to: fd, offset, max: Math.min(max, room) }),
    );
  }

  /** Takes bytes from memory, as many as go into one block. */
  appendBytes(bytes: Uint8Array, { isBase }: { readonly isBase: boolean }): Moved {
    return this.#extend(
      isBase,
      ({ fd, offset, room }) => this.#io.writeAt(fd, { bytes: bytes.subarray(0, room), offset }),
    );
  }

  #extend(
    isBase: boolean,
    write: (place: { readonly fd: number; readonly offset: number; readonly room: number }) => Moved,
  ): Moved {
    let last = this.#blocks.at(-1);
    let filled = this.#tail - this.#start - (this.#blocks.length - 1) * BLOCK_BYTES;
    if (last === undefined || filled === BLOCK_BYTES) {
      const block = this.#store.allocate({ isBase });
      this.lacksRoom = block === undefined;
      if (block === undefined) return NOT_NOW;
      if (last === undefined) this.#start = this.#tail;
      last = { block, isBase };
      filled = 0;
      this.#blocks.push(last);
    }
    const { fd, offset } = last.block;
    try {
      const moved = write({ fd, offset: offset + filled, room: BLOCK_BYTES - filled });
      this.lacksRoom = false;
      if (moved > 0) this.#tail += moved;
      else if (filled === 0) this.#putLastBack();
      return moved;
    } catch (error) {
      if (filled === 0) this.#putLastBack();
      if (isOfSource(error)) throw error;
      this.#store.refuse(error);
      this.lacksRoom = true;
      return NOT_NOW;
    }
  }

  /** Nothing has come into it. */
  #putLastBack(): void {
    const last = this.#blocks.pop();
    if (last !== undefined) this.#store.putBack(last.block, last);
  }

  #dropLast(): void {
    const last = this.#blocks.pop();
    if (last !== undefined) this.#store.free(last.block, last);
  }

  /** Passes bytes from `position` on to a pipe or a file. */
  load(
    position: number,
    { to, isToFile, max = BLOCK_BYTES }: {
      readonly to: number;
      readonly isToFile: boolean;
      readonly max?: number;
    },
  ): Moved {
    const place = this.#find(position);
    if (place === undefined) return AT_END;
    if (!isToFile) {
      return this.#io.load({ from: place.fd, offset: place.offset, to, max: Math.min(max, place.length) });
    }
    // The system moves between a file and a pipe only.
    const buffer = new Uint8Array(place.length);
    const count = this.#io.readAt(place.fd, { buffer, offset: place.offset });
    return count <= AT_END ? count : this.#io.write(to, buffer.subarray(0, count));
  }

  /** Reads bytes from `position` on into memory. */
  read(position: number, buffer: Uint8Array): Moved {
    const place = this.#find(position);
    if (place === undefined) return AT_END;
    const part = place.length < buffer.length ? buffer.subarray(0, place.length) : buffer;
    return this.#io.readAt(place.fd, { buffer: part, offset: place.offset });
  }

  #find(
    position: number,
  ): { readonly fd: number; readonly offset: number; readonly length: number } | undefined {
    const index = Math.floor((position - this.#start) / BLOCK_BYTES);
    const held = this.#blocks[index];
    if (held === undefined || position >= this.#tail) return undefined;
    const begin = this.#start + index * BLOCK_BYTES;
    const end = Math.min(begin + BLOCK_BYTES, this.#tail);
    return { fd: held.block.fd, offset: held.block.offset + position - begin, length: end - position };
  }

  /** Bytes passed by without being held: only when nothing is held. */
  skip(bytes: number): void {
    this.trim(this.#tail);
    while (this.#blocks.length > 0) this.#dropLast();
    this.#tail += bytes;
    this.#start = this.#tail;
  }

  /** Gives back what lies wholly before `position`. */
  trim(position: number): void {
    const count = Math.min(this.#blocks.length, Math.floor((position - this.#start) / BLOCK_BYTES));
    if (count <= 0) return;
    for (const held of this.#blocks.splice(0, count)) this.#store.free(held.block, held);
    this.#start += count * BLOCK_BYTES;
  }

  /** Gives everything back and begins at 0 again. */
  restart(): void {
    this.clear();
    this.#start = 0;
    this.#tail = 0;
    this.lacksRoom = false;
  }

  /** Gives everything back. */
  clear(): void {
    while (this.#blocks.length > 0) this.#dropLast();
    this.#start = this.#tail;
  }
}
