/**
 * The input of a pool: what a join gives is cut into whole lines and given to copies, in blocks or to the copy of each
 * line's key. The first lines, when they are a header, are for every copy.
 */
import { WORKER_BYTES } from "../core/limits.ts";
import { BlockCutter } from "./block_cutter.ts";
import { CopyFeeder } from "./copy_feeder.ts";
import type { RoutedLines } from "./line_router.ts";
import { HeaderReader, LineRouter } from "./line_router.ts";
import type { PoolHost } from "./pool_host.ts";
import type { PoolInput } from "./pool_sides.ts";
import type { PoolTopology } from "./relay_topology.ts";
import type { WorkerCopies } from "./worker_copies.ts";
import type { WorkerCopy } from "./worker_copy.ts";

type InputHost = Pick<PoolHost, "wantCopy" | "again">;

export class WorkerInput implements PoolInput {
  readonly #topology: PoolTopology;
  readonly #copies: WorkerCopies;
  readonly #host: InputHost;
  readonly #header: HeaderReader;
  readonly #feeder: CopyFeeder;
  /** Idle where lines go by key. */
  readonly #blocks: BlockCutter;
  /** Where lines go by key. */
  readonly #router: LineRouter | undefined;
  #isEnded = false;

  constructor(
    topology: PoolTopology,
    { copies, host }: { readonly copies: WorkerCopies; readonly host: InputHost },
  ) {
    const { spread, count, headerLines } = topology;
    this.#topology = topology;
    this.#copies = copies;
    this.#host = host;
    this.#header = new HeaderReader(headerLines);
    const feeder = this.#feeder = new CopyFeeder({ copies, header: this.#header, host });
    const size = spread.kind === "blocks" ? spread.bytes : undefined;
    this.#blocks = new BlockCutter({ size, count, copies, feeder, host });
    this.#router = spread.kind === "lanes" ? new LineRouter({ count, key: spread.key }) : undefined;
  }

  /** True when all of it was taken and given to copies. */
  get isGiven(): boolean {
    return this.#isEnded && !this.#hasWaiting;
  }

  /** True when in addition no copy gets any more. */
  get isComplete(): boolean {
    return this.isGiven && !this.#blocks.isInBlock;
  }

  get #hasWaiting(): boolean {
    return this.#feeder.hasRest || this.#blocks.hasUncut;
  }

  get wantsInput(): boolean {
    if (this.#hasWaiting) return false;
    if (this.#router === undefined) return this.#blocks.wantsInput;
    return [...this.#copies].every((copy) => copy.waiting < WORKER_BYTES);
  }

  get held(): number {
    return this.#copies.held;
  }

  take(bytes: Uint8Array): void {
    const body = this.#header.take(bytes);
    if (body.length === 0) return;
    if (this.#router !== undefined) this.#giveLanes(this.#router.route(body));
    else this.#blocks.cut(body);
    this.#host.again();
  }

  #giveLanes(lines: readonly RoutedLines[]): void {
    this.#openLanes();
    for (const { lane, bytes } of lines) {
      const copy = this.#copies.get(lane);
      // One that has ended early reads no more.
      if (copy !== undefined && copy.phase !== "ended") this.#feeder.give(copy, bytes);
    }
  }

  #openLanes(): void {
    if (this.#copies.planned > 0) return;
    while (this.#copies.planned < this.#topology.count) this.#feeder.plan();
  }

  directTarget(): ReturnType<PoolInput["directTarget"]> {
    return this.#topology.isRetried || this.#feeder.hasRest ? undefined : this.#blocks.directTarget();
  }

  noteGiven(copy: WorkerCopy, bytes: number): void {
    this.#blocks.noteGiven(copy, bytes);
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#router !== undefined) this.#giveLanes(this.#router.end());
    // An empty input is read by one process, as without workers.
    else if (this.#copies.planned === 0 && !this.#blocks.hasUncut) this.#blocks.begin();
    this.#host.again();
  }

  fail(): void {
    this.#isEnded = true;
    this.#feeder.forgetAll();
    this.#blocks.forgetUncut();
    this.#host.again();
  }

  /** Gives what has waited, as far as there is room for it now. */
  goOn(): void {
    this.#feeder.giveRest();
    this.#blocks.cutRest();
    if (!this.isGiven) return;
    this.#blocks.end();
    for (const copy of this.#copies) copy.isInputWhole = true;
  }

  /** A copy has done all of its input in so many milliseconds. */
  learn(copy: WorkerCopy, ms: number): void {
    this.#blocks.learn({ bytes: copy.input.tail, ms });
  }

  /** Copies have ended, and read no more. */
  forgetEnded(): void {
    this.#feeder.forgetEnded();
  }

  /** When the pool is to have a turn at the latest, because nothing has happened. */
  get dueAt(): number {
    return this.#blocks.dueAt;
  }

  /** Sees whether the copy that is given lines now does not take them. */
  look(now: number): void {
    this.#blocks.look(now);
  }
}
