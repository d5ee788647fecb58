/**
 * The workers of one actor: its input is cut into whole lines and given to several processes, and what they write is
 * put together again.
 *
 *                ┌─▶ copy 3 ─┐                 blocks: a process for each block of lines, `count` at a time; outputs
 *   input ─cut───┼─▶ copy 4 ─┼─gather─▶ stream          in the order of the blocks
 *                └─▶ copy 5 ─┘                 lanes:  `count` processes for the whole input; each line to that of
 *                                                     its key
 *
 * What the first copy in order writes is given on at once. What those after it write waits in logs: when a log holds
 * WORKER_BYTES, its process waits. Nobody waits in a ring: the first copy has its whole block, or it is the one
 * that is being given one.
 *
 *   WorkerInput ──▶ BlockCutter, CopyFeeder ──▶ WorkerCopies ◀── OrderedGather or LineGather ◀── WorkerOutput
 */
import { BLOCK_BYTES } from "../../core/limits/streams.ts";
import { isSystemError } from "../../host/errno.ts";
import type { PoolHost } from "./pool_host.ts";
import type { StreamState } from "../state/relay_states.ts";
import type { PoolTopology } from "../state/relay_topology.ts";
import type { OpenedCopy } from "./worker_copies.ts";
import { WorkerCopies } from "./worker_copies.ts";
import type { WorkerCopy } from "../state/worker_copy.ts";
import { WorkerInput } from "./worker_input.ts";
import { WorkerOutput } from "./worker_output.ts";

export class WorkerPool {
  readonly topology: PoolTopology;
  readonly input: WorkerInput;
  /** In the order of the streams. */
  readonly outputs: readonly WorkerOutput[];
  readonly #host: PoolHost;
  readonly #streams: readonly StreamState[];
  readonly #copies: WorkerCopies;
  #isTold = false;
  #ended = 0;

  constructor(
    topology: PoolTopology,
    { host, streams }: { readonly host: PoolHost; readonly streams: readonly StreamState[] },
  ) {
    const { isRetried } = topology;
    this.topology = topology;
    this.#host = host;
    this.#streams = streams;
    const copies = this.#copies = new WorkerCopies({ host, streams: topology.streams.length, isRetried });
    this.input = new WorkerInput(topology, { copies, host });
    const buffer = new Uint8Array(BLOCK_BYTES);
    const onClosed = (): void => {
      if (streams.every(({ phase }) => phase === "ended")) host.drop();
    };
    this.outputs = streams.map((stream, at) =>
      new WorkerOutput(stream, { at, topology, copies, host, buffer, input: this.input, onClosed })
    );
  }

  get copies(): Iterable<WorkerCopy> {
    return this.#copies;
  }

  copy(index: number): WorkerCopy | undefined {
    return this.#copies.get(index);
  }

  /** True when a copy that is wanted waits for another one to end. */
  get areAllPlacesTaken(): boolean {
    return this.topology.spread.kind === "members" && this.#copies.running >= this.topology.count;
  }

  /** True when the store has no room for what goes on here. */
  get lacksRoom(): boolean {
    return this.#streams.some(({ log }) => log.lacksRoom) || [...this.#copies].some((copy) => copy.lacksRoom);
  }

  /** True when no process is there, and none will be wanted any more. */
  get isOver(): boolean {
    return this.input.isGiven && this.#copies.active === 0;
  }

  /** The process of a copy is there; it owns the descriptors from now on. */
  open(index: number, opened: OpenedCopy & { readonly now: number }): void {
    try {
      if (this.#copies.open(index, opened)) this.#host.again();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      this.fail(error);
    }
  }

  /** Something may be ready. */
  note(fd: number, isBroken: boolean): void {
    if (this.#copies.note(fd, isBroken)) this.#host.again();
  }

  /** The process of a copy has ended; it may be run again. */
  endCopy(
    index: number,
    { how, outs, now }: {
      readonly how: "well" | "failed" | "again";
      /** Only these outputs are of the process that is run again. */
      readonly outs?: readonly number[] | undefined;
      readonly now: number;
    },
  ): void {
    const copy = this.#copies.get(index);
    if (copy === undefined) return;
    if (how === "again") copy.rewind(outs);
    else this.#end(copy, { isWell: how === "well", now });
    this.input.forgetEnded();
    this.#host.resume();
    this.#host.again();
  }

  #end(copy: WorkerCopy, { isWell, now }: { readonly isWell: boolean; readonly now: number }): void {
    if (isWell) this.input.learn(copy, now - copy.startedAt);
    else if (this.topology.isRetried) { for (const out of copy.outs) copy.discardOut(out); }
    copy.end({ isWell, number: this.#ended++ });
  }

  /** When the pool is to have a turn at the latest, because nothing has happened. */
  get dueAt(): number {
    return this.input.dueAt;
  }

  /** Moves what can be moved. */
  turn(now: number): void {
    this.input.goOn();
    let goesOn = false;
    for (const copy of this.#copies) if (copy.feed()) goesOn = true;
    for (const output of this.outputs) if (output.gather(this.input)) goesOn = true;
    for (const copy of this.#copies) {
      if (copy.isSpent && !this.outputs.some((output) => output.isInLineOf(copy))) this.#copies.remove(copy);
    }
    if (goesOn) this.#host.again();
    if (this.lacksRoom) this.#host.starve();
    if (this.isOver && !this.#isTold) {
      this.#isTold = true;
      this.#host.end();
    }
    this.input.look(now);
    if (this.input.wantsInput) this.#host.resume();
  }

  /** The system did not do what it needs: nobody is given any more, and nothing that comes counts. */
  fail(error: Error): void {
    this.#host.fail(error);
    for (const copy of this.#copies) copy.closeInput();
    this.#host.again();
  }

  /** Lets go of everything. */
  close(): void {
    this.#copies.close();
  }
}
