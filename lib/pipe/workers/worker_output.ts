/**
 * One stream that the copies of a pool write: what they have written is put together again, in one of two ways, and
 * what cannot be given on yet waits in their logs.
 */
import { WORKER_BYTES } from "../../core/limits/workers.ts";
import { EndedGather } from "./ended_gather.ts";
import { GatheredLog } from "./gathered_log.ts";
import { HeaderGate } from "./header_gate.ts";
import { LineGather } from "./line_gather.ts";
import { OrderedGather } from "./ordered_gather.ts";
import type { PoolHost } from "./pool_host.ts";
import type { PoolOutput, PoolWaiting } from "../state/pool_sides.ts";
import type { StreamState } from "../state/relay_states.ts";
import type { PoolTopology } from "../state/relay_topology.ts";
import type { WorkerCopies } from "./worker_copies.ts";
import type { CopyOut, WorkerCopy } from "../state/worker_copy.ts";

type OutputHost = Pick<PoolHost, "io" | "nullFd" | "noteTaken" | "push" | "endStream" | "again">;

export class WorkerOutput implements PoolOutput {
  readonly #stream: StreamState;
  readonly #at: number;
  readonly #topology: PoolTopology;
  readonly #copies: WorkerCopies;
  readonly #host: OutputHost;
  readonly #way: OrderedGather | LineGather | EndedGather;
  readonly #onClosed: () => void;

  constructor(
    stream: StreamState,
    { at, topology, copies, host, buffer, input, onClosed }: {
      /** Which of a copy's outputs it is. */
      readonly at: number;
      readonly topology: PoolTopology;
      readonly copies: WorkerCopies;
      readonly host: OutputHost;
      readonly buffer: Uint8Array;
      readonly input: { readonly header: Uint8Array };
      /** Nobody reads it any more, or it has ended. */
      readonly onClosed: () => void;
    },
  ) {
    this.#stream = stream;
    this.#at = at;
    this.#topology = topology;
    this.#copies = copies;
    this.#host = host;
    this.#onClosed = onClosed;
    const { isRetried, order } = topology;
    const log = new GatheredLog(stream, { host, buffer });
    const gate = new HeaderGate(input);
    this.#way = order === "any" && topology.spread.kind === "members"
      ? new EndedGather(stream, { at, copies, isRetried, log })
      : order === "any"
      ? new LineGather(stream, { at, copies, isRetried, log, gate, buffer })
      : new OrderedGather(stream, { at, copies, isRetried, log, gate, host });
  }

  get order(): PoolTopology["order"] {
    return this.#topology.order;
  }

  get held(): number {
    let held = 0;
    for (const copy of this.#copies) {
      const out = copy.outs[this.#at];
      if (out === undefined || (this.#topology.isRetried && copy.phase !== "ended")) continue;
      if (!this.#way.takesFrom(copy)) continue;
      held += this.#way.heldIn(out) + (out.fd === undefined ? 0 : this.#host.io.held(out.fd));
    }
    return held;
  }

  waitsFor(): PoolWaiting {
    return this.#way.waitsFor();
  }

  /** True when a line of this copy has begun in the stream. */
  isInLineOf(copy: WorkerCopy): boolean {
    return this.#way.holder?.copy === copy;
  }

  nextOut(): CopyOut | undefined {
    return this.#way.nextOut();
  }

  again(): void {
    this.#host.again();
  }

  /** Gives on what the copies have written; true when there is more. */
  gather({ isComplete }: { readonly isComplete: boolean }): boolean {
    if (this.#stream.phase === "ended") return false;
    const goesOn = this.#way.gather();
    const boundBytes = this.#boundAhead();
    for (const copy of this.#copies) this.#collectAhead(copy, boundBytes);
    if (isComplete && this.#way.holder === undefined && this.#areOutsSpent()) {
      this.#host.endStream(this.#stream);
    }
    return goesOn;
  }

  #areOutsSpent(): boolean {
    return [...this.#copies].every((copy) =>
      copy.isOutSpent(this.#at) && (!this.#topology.isRetried || copy.phase === "ended")
    );
  }

  /**
   * How much may wait of a copy whose turn it is not. Lanes go on until the end of the input, and no line goes on
   * before all of them can take theirs: when the one whose turn it is has nothing to give, the others' have to wait.
   */
  #boundAhead(): number {
    const { isRetried, spread } = this.#topology;
    return isRetried || (spread.kind === "lanes" && this.held === 0) ? Infinity : WORKER_BYTES;
  }

  /** What copies write whose turn it is not waits, so that they can go on. */
  #collectAhead(copy: WorkerCopy, boundBytes: number): void {
    const { isRetried } = this.#topology;
    const out = copy.outs[this.#at];
    if (out === undefined) return;
    if (isRetried ? copy.phase === "ended" : this.#way.takesFrom(copy)) return;
    copy.collect(out, { boundBytes });
  }

  close(): void {
    for (const copy of this.#copies) {
      const out = copy.outs[this.#at];
      if (out !== undefined) copy.discardOut(out);
    }
    this.#onClosed();
  }
}
