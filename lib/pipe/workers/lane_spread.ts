/**
 * Lines go by key: `count` copies read the whole input, each line goes to that of its key.
 */
import { WORKER_BYTES } from "../../core/limits/workers.ts";
import type { KeyRule } from "../../core/flow.ts";
import type { CopyFeeder } from "./copy_feeder.ts";
import type { InputSpread } from "./input_spread.ts";
import type { RoutedLines } from "./line_router.ts";
import { LineRouter } from "./line_router.ts";
import type { PoolWaiting } from "../state/pool_sides.ts";
import type { WorkerCopies } from "./worker_copies.ts";
import type { WorkerCopy } from "../state/worker_copy.ts";

export class LaneSpread implements InputSpread {
  readonly hasUncut = false;
  readonly isInBlock = false;
  readonly dueAt = Infinity;
  readonly #count: number;
  readonly #copies: WorkerCopies;
  readonly #feeder: CopyFeeder;
  readonly #router: LineRouter;

  constructor(
    { count, key, copies, feeder }: {
      readonly count: number;
      readonly key: KeyRule;
      readonly copies: WorkerCopies;
      readonly feeder: CopyFeeder;
    },
  ) {
    this.#count = count;
    this.#copies = copies;
    this.#feeder = feeder;
    this.#router = new LineRouter({ count, key });
  }

  get wantsInput(): boolean {
    return this.#slow.length === 0;
  }

  /** The next line may be for any of them. */
  waitsFor(): PoolWaiting {
    return { kind: "all", copies: this.#slow };
  }

  /** Those for whom too much waits. */
  get #slow(): readonly WorkerCopy[] {
    return [...this.#copies].filter((copy) => copy.waiting >= WORKER_BYTES);
  }

  take(bytes: Uint8Array): void {
    this.#give(this.#router.route(bytes));
  }

  end(): void {
    this.#give(this.#router.end());
  }

  #give(lines: readonly RoutedLines[]): void {
    this.#openLanes();
    for (const { lane, bytes } of lines) {
      const copy = this.#copies.get(lane);
      if (copy !== undefined) this.#feeder.give(copy, bytes);
    }
  }

  #openLanes(): void {
    if (this.#copies.planned > 0) return;
    while (this.#copies.planned < this.#count) this.#feeder.plan();
  }

  goOn(): void {}

  finish(): void {}

  forget(): void {}

  directTarget(): undefined {
    return undefined;
  }

  noteGiven(): void {}

  learn(): void {}

  look(): void {}
}
