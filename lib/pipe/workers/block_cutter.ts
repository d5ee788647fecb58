/**
 * Cuts lines into blocks, each for a copy of its own. The block that goes on may be given past the engine's memory, up
 * to the last part of it.
 */
import { BLOCK_BYTES } from "../../core/limits/streams.ts";
import { WORKER_BYTES } from "../../core/limits/workers.ts";
import { BlockSize } from "./block_size.ts";
import type { CopyFeeder } from "./copy_feeder.ts";
import { FullPipeClock } from "./full_pipe_clock.ts";
import type { InputSpread } from "./input_spread.ts";
import type { PoolHost } from "./pool_host.ts";
import type { PoolInput, PoolWaiting } from "../state/pool_sides.ts";
import type { WorkerCopies } from "./worker_copies.ts";
import type { WorkerCopy } from "../state/worker_copy.ts";

const LINE_FEED = 10;

export class BlockCutter implements InputSpread {
  readonly #size: BlockSize;
  /** At most so many copies at a time. */
  readonly #count: number;
  readonly #copies: WorkerCopies;
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
      readonly copies: WorkerCopies;
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

  get isInBlock(): boolean {
    return this.#current !== undefined;
  }

  /** The end of any of them makes a place for the next. */
  waitsFor(): PoolWaiting {
    const isActive = ({ phase }: WorkerCopy): boolean => phase === "wanted" || phase === "running";
    return { kind: "any", copies: [...this.#copies].filter(isActive) };
  }

  get wantsInput(): boolean {
    if (this.hasUncut) return false;
    const hasPlace = this.#copies.active < this.#count;
    if (this.#current === undefined) return hasPlace;
    // What could go straight into its pipe is not to be held. With a place free, the rest of a slow one's block is
    // in the way.
    if (this.#current.inFd === undefined) return this.#current.waiting < BLOCK_BYTES;
    return this.#current.isWritable ? this.#current.waiting < WORKER_BYTES : hasPlace && this.#clock.isSlow;
  }

  /** Cuts lines into blocks; what is left is for a copy that cannot be begun now. */
  take(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#current === undefined && this.#copies.active >= this.#count) break;
      if (this.#current === undefined) this.#cutBytes = 0;
      const copy = this.#current ?? this.#begin();
      const found = rest.indexOf(LINE_FEED, Math.max(0, this.#size.bytes - this.#cutBytes - 1));
      const end = found === -1 ? rest.length : found + 1;
      this.#feeder.give(copy, rest.subarray(0, end));
      this.#cutBytes += end;
      rest = rest.subarray(end);
      if (found !== -1) this.#complete(copy);
    }
    this.#uncut = rest.slice();
  }

  goOn(): void {
    if (this.hasUncut) this.take(this.#uncut);
  }

  end(): void {
    // An empty input is read by one process, as without workers.
    if (this.#copies.planned === 0 && !this.hasUncut) this.#begin();
  }

  #begin(): WorkerCopy {
    return this.#current = this.#feeder.plan();
  }

  #complete(copy: WorkerCopy): void {
    this.#current = undefined;
    this.#clock.reset();
    copy.isInputWhole = true;
    this.#host.again();
  }

  finish(): void {
    this.#current = undefined;
  }

  forget(): void {
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

  noteGiven(copy: WorkerCopy, bytes: number): void {
    copy.skip(bytes);
    this.#cutBytes += bytes;
  }

  learn(block: { readonly bytes: number; readonly ms: number }): void {
    this.#size.learn(block);
  }

  get dueAt(): number {
    return this.#clock.dueAt;
  }

  look(now: number): void {
    this.#clock.look(this.#current, now);
  }
}
