/**
 * Room for bytes that wait: blocks of equal size, first in a file that lives in memory, then in a spill file on disk.
 * Both are nameless, so nothing of them is left however the engine ends.
 */
import { unlinkSync } from "node:fs";
import { join } from "node:path";
import { BLOCK_BYTES } from "../core/limits/streams.ts";
import { isSystemError } from "../host/errno.ts";
import type { DescriptorIo } from "../host/descriptor_io/descriptor_io.ts";

export interface Block {
  readonly fd: number;
  readonly offset: number;
  readonly isSpilled: boolean;
}

/** Why there is no block: the limit of the flow, or the system's word about the disk, such as `ENOSPC`. */
export type NoRoom =
  | { readonly kind: "limit" }
  | { readonly kind: "disk"; readonly errno: string; readonly reason: string };

export interface StoreOptions {
  readonly io: DescriptorIo;
  /** Most bytes that grown buffers hold in memory. */
  readonly memoryBytes: number;
  /** Most bytes in the spill file. */
  readonly spillBytes: number;
  /** Where the spill file is made, when one is needed. */
  readonly folder: string;
  /** What it is called while it is made. @default "spill" */
  readonly name?: string;
}

export class BlockStore {
  /** Why the last block was refused. */
  noRoom: NoRoom = { kind: "limit" };
  /** Called when a block was given back: there may be room for somebody. */
  onFreed: () => void = () => {};
  readonly #options: StoreOptions;
  #memory: Area | undefined;
  #spill: Area | undefined;
  #grownInMemory = 0;
  #grownOnDisk = 0;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** Bytes that count against the limits, in whole blocks. */
  get usedBytes(): { readonly memory: number; readonly spill: number } {
    return { memory: this.#grownInMemory, spill: this.#grownOnDisk };
  }

  /**
   * A block, or undefined: see `noRoom`. What every fan-out needs to move at all (`isBase`) is always there and does
   * not count; what has grown is bounded.
   */
  allocate({ isBase }: { readonly isBase: boolean }): Block | undefined {
    const { io, memoryBytes } = this.#options;
    const isInMemory = isBase || this.#grownInMemory + BLOCK_BYTES <= memoryBytes;
    if (isInMemory && this.#memory === undefined) {
      const fd = io.makeMemoryFile();
      if (fd !== undefined) this.#memory = new Area(fd, io);
    }
    if (isInMemory && this.#memory !== undefined) {
      if (!isBase) this.#grownInMemory += BLOCK_BYTES;
      return { ...this.#memory.take(), isSpilled: false };
    }
    return this.#allocateSpilled(isBase);
  }

  #allocateSpilled(isBase: boolean): Block | undefined {
    const { io, folder, spillBytes, name = "spill" } = this.#options;
    if (!isBase && this.#grownOnDisk + BLOCK_BYTES > spillBytes) {
      this.noRoom = { kind: "limit" };
      return undefined;
    }
    try {
      this.#spill ??= new Area(openNameless(io, join(folder, name)), io);
    } catch (error) {
      this.refuse(error);
      return undefined;
    }
    if (!isBase) this.#grownOnDisk += BLOCK_BYTES;
    return { ...this.#spill.take(), isSpilled: true };
  }

  /** Notes that the disk did not take what a block was to hold. An error that is none of the system's is thrown. */
  refuse(error: unknown): void {
    if (!isSystemError(error)) throw error;
    this.noRoom = { kind: "disk", errno: error.code, reason: error.message };
  }

  /** Gives a block back that was used. */
  free(block: Block, kind: { readonly isBase: boolean }): void {
    this.putBack(block, kind);
    this.onFreed();
  }

  /** Gives a block back that was not used: nobody gets room by that. */
  putBack(block: Block, { isBase }: { readonly isBase: boolean }): void {
    const isGivenBack = (block.isSpilled ? this.#spill : this.#memory)?.free(block.offset) ?? false;
    if (isBase) return;
    if (!block.isSpilled) this.#grownInMemory -= BLOCK_BYTES;
    else if (isGivenBack) this.#grownOnDisk -= BLOCK_BYTES;
  }

  close(): void {
    this.#memory?.close();
    this.#spill?.close();
  }
}

/** One file, cut into blocks. */
class Area {
  readonly #fd: number;
  readonly #io: DescriptorIo;
  readonly #free: number[] = [];
  #end = 0;

  constructor(fd: number, io: DescriptorIo) {
    this.#fd = fd;
    this.#io = io;
  }

  take(): { readonly fd: number; readonly offset: number } {
    const known = this.#free.pop();
    if (known !== undefined) return { fd: this.#fd, offset: known };
    const offset = this.#end;
    this.#end += BLOCK_BYTES;
    return { fd: this.#fd, offset };
  }

  /**
   * Pages that a pipe still refers to keep their bytes when they are punched out of the file, and the next bytes get
   * new pages. False where the file system cannot do that: the place is never used again.
   */
  free(offset: number): boolean {
    if (!this.#io.punch(this.#fd, { offset, length: BLOCK_BYTES })) return false;
    this.#free.push(offset);
    return true;
  }

  close(): void {
    this.#io.close(this.#fd);
  }
}

function openNameless(io: DescriptorIo, path: string): number {
  const fd = io.open(path, "create");
  unlinkSync(path);
  return fd;
}
