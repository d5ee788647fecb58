/**
 * Cuts lines into blocks, each for a copy of its own. The block that goes on may be given past the engine's memory, up
 * to the last part of it.
 */
import { BLOCK_BYTES, WORKER_BYTES } from "../core/limits.ts";
import { BlockSize } from "./block_size.ts";
import type { CopyFeeder } from "./copy_feeder.ts";
import { FullPipeClock } from "./full_pipe_clock.ts";
import type { PoolHost } from "./pool_host.ts";
import type { PoolInput } from "./pool_sides.ts";
import type { WorkerCopies } from "./worker_copies.ts";
import type { WorkerCopy } from "./worker_copy.ts";

const LINE_FEED = 10;

export class BlockCutter {
  readonly #size: BlockSize;
  /** At most so many copies at a time. */
  readonly #count: number;
  readonly #copies: Pick<WorkerCopies, "active">;
  readonly #feeder: CopyFeeder;
  readonly #host: Pick<PoolHost, "again">;
  readonly #clock = new FullPipeClock();
  /** The copy that is given a block now, and how much of it. */
  #current: WorkerCopy | undefined;
  #cutBytes = 0;
  /** Taken, and for a copy that could not be begun. */
  #uncut: Uint8Array = new Uint8Array();

  constructor(
    { size, count, copies, feeder, host }: {
      /** Bytes of a block; undefined when it adapts. */
      readonly size: number | undefined;
      readonly count: number;
      readonly copies: Pick<WorkerCopies, "active">;
      readonly feeder: CopyFeeder;
      readonly host: Pick<PoolHost, "again">;
    },
  ) {
    this.#size = new BlockSize(size);
    this.#count = count;
    this.#copies = copies;
    this.#feeder = feeder;
    this.#host = host;
  }

  get hasUncut(): boolean {
    return this.#uncut.length > 0;
  }

  /** True when a block goes on. */
  get isInBlock(): boolean {
    return this.#current !== undefined;
  }

  /** True when there is somebody for more lines, and not too much waits for him. */
  get wantsInput(): boolean {
    const hasPlace = this.#copies.active < this.#count;
    if (this.#current === undefined) return hasPlace;
    // What could go straight into its pipe is not to be held. With a place free, the rest of a slow one's block is
    // in the way.
    if (this.#current.inFd === undefined) return this.#current.waiting < BLOCK_BYTES;
    return this.#current.isWritable ? this.#current.waiting < WORKER_BYTES : hasPlace && this.#clock.isSlow;
  }

  /** Cuts lines into blocks; what is left is for a copy that cannot be begun now. */
  cut(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#current === undefined && this.#copies.active >= this.#count) break;
      if (this.#current === undefined) this.#cutBytes = 0;
      const copy = this.#current ?? this.begin();
      const found = rest.indexOf(LINE_FEED, Math.max(0, this.#size.bytes - this.#cutBytes - 1));
      const end = found === -1 ? rest.length : found + 1;
      this.#feeder.give(copy, rest.subarray(0, end));
      this.#cutBytes += end;
      rest = rest.subarray(end);
      if (found !== -1) this.#complete(copy);
    }
    this.#uncut = rest.slice();
  }

  /** Cuts what was left. */
  cutRest(): void {
    if (this.hasUncut) this.cut(this.#uncut);
  }

  /** Begins a block. */
  begin(): WorkerCopy {
    return this.#current = this.#feeder.plan();
  }

  #complete(copy: WorkerCopy): void {
    this.#current = undefined;
    this.#clock.reset();
    copy.isInputWhole = true;
    this.#host.again();
  }

  /** The block that goes on gets no more. */
  end(): void {
    this.#current = undefined;
  }

  forgetUncut(): void {
    this.#uncut = new Uint8Array();
  }

  /** The copy whose block goes on, when nothing waits for it and a good part of the block is still to come. */
  directTarget(): ReturnType<PoolInput["directTarget"]> {
    const copy = this.#current;
    if (copy?.inFd === undefined || !copy.isWritable || copy.waiting > 0 || this.hasUncut) return undefined;
    // The line break at the end of the block has to be looked for.
    const max = this.#size.bytes - this.#cutBytes - 1;
    return max < BLOCK_BYTES ? undefined : { copy, fd: copy.inFd, max };
  }

  /** So many bytes of the block went straight to the copy. */
  noteGiven(copy: WorkerCopy, bytes: number): void {
    copy.skip(bytes);
    this.#cutBytes += bytes;
  }

  /** A copy has done its block in so many milliseconds. */
  learn(block: { readonly bytes: number; readonly ms: number }): void {
    this.#size.learn(block);
  }

  /** When to look again at the latest, because nothing has happened. */
  get dueAt(): number {
    return this.#clock.dueAt;
  }

  /** Sees whether the copy that is given lines now does not take them. */
  look(now: number): void {
    this.#clock.look(this.#current, now);
  }
}
