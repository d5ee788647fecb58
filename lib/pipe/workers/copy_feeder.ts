/**
 * Giving lines to copies: new ones get the header first, and what the store has no room for waits here.
 */
import type { HeaderReader } from "./line_router.ts";
import type { PoolHost } from "./pool_host.ts";
import type { WorkerCopies } from "./worker_copies.ts";
import type { WorkerCopy } from "../state/worker_copy.ts";

export class CopyFeeder {
  readonly #copies: WorkerCopies;
  readonly #header: Pick<HeaderReader, "bytes">;
  readonly #host: Pick<PoolHost, "wantCopy">;
  /** Taken, and not yet given to copies: there was no room. */
  #rest: { readonly copy: WorkerCopy; bytes: Uint8Array }[] = [];

  constructor(
    { copies, header, host }: {
      readonly copies: WorkerCopies;
      readonly header: Pick<HeaderReader, "bytes">;
      readonly host: Pick<PoolHost, "wantCopy">;
    },
  ) {
    this.#copies = copies;
    this.#header = header;
    this.#host = host;
  }

  get hasRest(): boolean {
    return this.#rest.length > 0;
  }

  /** Begins another copy. */
  plan(): WorkerCopy {
    const copy = this.#copies.plan();
    if (this.#header.bytes.length > 0) this.give(copy, this.#header.bytes);
    this.#host.wantCopy(copy.index);
    return copy;
  }

  /** Appends to a copy's input; what the store has no room for waits. */
  give(copy: WorkerCopy, bytes: Uint8Array): void {
    if (copy.phase === "ended") return; // It has ended without reading everything.
    let rest = bytes;
    for (let count = 1; !copy.hasRest && rest.length > 0 && count > 0; rest = rest.subarray(count)) {
      count = copy.take(rest);
    }
    if (rest.length === 0) return;
    copy.hasRest = true;
    this.#rest.push({ copy, bytes: rest.slice() });
  }

  /** There may be room for what waits. */
  giveRest(): void {
    const waiting = this.#rest;
    this.#rest = [];
    for (const { copy } of waiting) copy.hasRest = false;
    for (const { copy, bytes } of waiting) this.give(copy, bytes);
  }

  /** What waits for copies that have ended is not needed any more. */
  forgetEnded(): void {
    this.#rest = this.#rest.filter((waiting) => waiting.copy.phase !== "ended");
  }

  forgetAll(): void {
    this.#rest = [];
  }
}
