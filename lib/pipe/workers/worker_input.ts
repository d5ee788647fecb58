/**
 * The input of a pool: what a join gives is cut into whole lines and given to copies, in blocks or to the copy of each
 * line's key. The first lines, when they are a header, are for every copy.
 */
import { BlockCutter } from "./block_cutter.ts";
import { CopyFeeder } from "./copy_feeder.ts";
import type { InputSpread } from "./input_spread.ts";
import { LaneSpread } from "./lane_spread.ts";
import { HeaderReader } from "./line_router.ts";
import { MemberSpread } from "./member_spread.ts";
import type { PoolHost } from "./pool_host.ts";
import type { PoolInput, PoolWaiting } from "../state/pool_sides.ts";
import type { PoolTopology } from "../state/relay_topology.ts";
import type { WorkerCopies } from "./worker_copies.ts";
import type { WorkerCopy } from "../state/worker_copy.ts";

type InputHost = Pick<PoolHost, "wantCopy" | "again">;

export class WorkerInput implements PoolInput {
  readonly #topology: PoolTopology;
  readonly #copies: WorkerCopies;
  readonly #host: InputHost;
  readonly #header: HeaderReader;
  readonly #feeder: CopyFeeder;
  readonly #spread: InputSpread;
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
    this.#spread = spread.kind === "members"
      ? new MemberSpread({ count, copies, host })
      : spread.kind === "blocks"
      ? new BlockCutter({ size: spread.bytes, count, copies, feeder, host })
      : new LaneSpread({ count, key: spread.key, copies, feeder });
  }

  /** The first lines, which each copy is given. */
  get header(): Uint8Array {
    return this.#header.bytes;
  }

  /** True when all of it was taken and given to copies. */
  get isGiven(): boolean {
    return this.#isEnded && !this.#feeder.hasRest && !this.#spread.hasUncut;
  }

  /** True when in addition no copy gets any more. */
  get isComplete(): boolean {
    return this.isGiven && !this.#spread.isInBlock;
  }

  get wantsInput(): boolean {
    return !this.#feeder.hasRest && this.#spread.wantsInput;
  }

  waitsFor(): PoolWaiting {
    if (!this.#feeder.hasRest) return this.#spread.waitsFor();
    return { kind: "any", copies: [...this.#copies].filter((copy) => copy.waiting > 0), room: true };
  }

  take(bytes: Uint8Array): void {
    const body = this.#header.take(bytes);
    if (body.length === 0) return;
    this.#spread.take(body);
    this.#host.again();
  }

  directTarget(): ReturnType<PoolInput["directTarget"]> {
    return this.#topology.isRetried || this.#feeder.hasRest ? undefined : this.#spread.directTarget();
  }

  noteGiven(copy: WorkerCopy, bytes: number): void {
    this.#spread.noteGiven(copy, bytes);
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#spread.end();
    this.#host.again();
  }

  fail(): void {
    this.#isEnded = true;
    this.#feeder.forgetAll();
    this.#spread.forget();
    this.#host.again();
  }

  /** Gives what has waited, as far as there is room for it now. */
  goOn(): void {
    this.#feeder.giveRest();
    this.#spread.goOn();
    if (!this.isGiven) return;
    this.#spread.finish();
    for (const copy of this.#copies) copy.isInputWhole = true;
  }

  /** A copy has done all of its input in so many milliseconds. */
  learn(copy: WorkerCopy, ms: number): void {
    this.#spread.learn({ bytes: copy.input.tail, ms });
  }

  /** Copies have ended, and read no more. */
  forgetEnded(): void {
    this.#feeder.forgetEnded();
  }

  /** When the pool is to have a turn at the latest, because nothing has happened. */
  get dueAt(): number {
    return this.#spread.dueAt;
  }

  /** Sees whether the copy that is given lines now does not take them. */
  look(now: number): void {
    this.#spread.look(now);
  }
}
