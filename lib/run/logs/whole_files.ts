/**
 * How much of a disk files take that nobody reads before they are complete: what an actor with `cache` writes, an input
 * that is given as a file, a stream that is kept. One that never ends would fill the disk. All of them may have
 * `limits.spill` of the flow, or half of what is free in their folder.
 */
import type { OverRoom } from "../../core/failure.ts";
import { LIMIT_LOOK_SHARE } from "../../core/limits/process.ts";
import { OUTPUT_LOOK_MS } from "../../core/limits/store.ts";
import { freeBytesOf } from "../../host/files/free_bytes.ts";

export interface WholeFilesOptions<Owner> {
  /** Where the files are. */
  readonly folder: string;
  /** What the flow allows. */
  readonly spillBytes: number | undefined;
  /** The largest one has to be ended. */
  readonly onOver: (owner: Owner, over: OverRoom) => void;
}

export class WholeFiles<Owner> {
  readonly #options: WholeFilesOptions<Owner>;
  /** Those that grow, and how many bytes each has. */
  readonly #growing = new Map<Owner, () => number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WholeFilesOptions<Owner>) {
    this.#options = options;
  }

  start(owner: Owner, countBytes: () => number): void {
    this.#growing.set(owner, countBytes);
    this.#timer ??= setTimeout(() => this.#look(), OUTPUT_LOOK_MS);
  }

  /** Nobody writes it any more, or it is ended for something else. */
  end(owner: Owner): void {
    this.#growing.delete(owner);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#growing.clear();
  }

  #look(): void {
    const begunAt = performance.now();
    const { folder, spillBytes, onOver } = this.#options;
    const sizes = [...this.#growing].map(([owner, countBytes]) => ({ owner, bytes: countBytes() }));
    const usedBytes = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    // Half of what was free before them; when nobody else writes there it is the same each time.
    const limitBytes = spillBytes ?? Math.floor((usedBytes + freeBytesOf(folder)) / 2);
    const [largest] = sizes.sort((a, b) => b.bytes - a.bytes);
    if (usedBytes > limitBytes && largest !== undefined) {
      this.#growing.delete(largest.owner);
      onOver(largest.owner, { usedBytes, limitBytes, isSpillShare: spillBytes === undefined });
    }
    const tookMs = performance.now() - begunAt;
    this.#timer = this.#growing.size === 0
      ? undefined
      : setTimeout(() => this.#look(), Math.max(OUTPUT_LOOK_MS, tookMs / LIMIT_LOOK_SHARE));
  }
}
