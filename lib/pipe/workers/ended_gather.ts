/**
 * Gathers a stream in the order in which members end: all of one's output after all of another's. When nobody ends
 * before what waits of one has no more room, that one's turn begins.
 */
import { TURN_BYTES } from "../../core/limits/streams.ts";
import { WORKER_BYTES } from "../../core/limits/workers.ts";
import type { Gathered, GatheredLog } from "./gathered_log.ts";
import type { PoolWaiting } from "../state/pool_sides.ts";
import type { StreamState } from "../state/relay_states.ts";
import { roomOf } from "../state/relay_states.ts";
import type { CopyOut, WorkerCopy } from "../state/worker_copy.ts";

export class EndedGather {
  readonly #stream: StreamState;
  readonly #at: number;
  readonly #copies: Iterable<WorkerCopy>;
  readonly #isRetried: boolean;
  readonly #log: GatheredLog;
  /** The copy whose output is given on. */
  #head: WorkerCopy | undefined;
  /** Nobody: lines of different copies do not meet. */
  readonly holder: CopyOut | undefined = undefined;

  constructor(
    stream: StreamState,
    { at, copies, isRetried, log }: Gathered<Iterable<WorkerCopy>>,
  ) {
    this.#stream = stream;
    this.#at = at;
    this.#copies = copies;
    this.#isRetried = isRetried;
    this.#log = log;
  }

  /** True when what this copy writes may be given on now. */
  takesFrom(copy: WorkerCopy): boolean {
    return copy === this.#head;
  }

  heldIn({ log, position }: CopyOut): number {
    return log.tail - position;
  }

  /** The copy whose turn it is, or anybody's end. */
  waitsFor(): PoolWaiting {
    return { kind: "any", copies: this.#head === undefined ? [...this.#copies] : [this.#head], input: true };
  }

  /** No reader can take by himself: whose turn it is may change between two looks. */
  nextOut(): undefined {
    return undefined;
  }

  /** Gives on what there is; true when there is more. */
  gather(): boolean {
    for (let turn = 0; turn < TURN_BYTES;) {
      if (this.#head?.isOutSpent(this.#at) === true) this.#head = undefined;
      const copy = this.#head ??= this.#choose();
      const out = copy?.outs[this.#at];
      if (out === undefined) return false;
      const room = roomOf(this.#stream);
      const moved = room <= 0 ? 0 : this.#log.give(out, room);
      if (moved === 0 && copy?.isOutSpent(this.#at) !== true) return false;
      turn += moved;
    }
    return true;
  }

  #choose(): WorkerCopy | undefined {
    let first: WorkerCopy | undefined;
    for (const copy of this.#copies) {
      if (copy.endNumber === undefined || copy.isOutSpent(this.#at)) continue;
      if (first?.endNumber === undefined || copy.endNumber < first.endNumber) first = copy;
    }
    if (first !== undefined || this.#isRetried) return first;
    for (const copy of this.#copies) {
      const out = copy.outs[this.#at];
      if (out !== undefined && out.log.tail - out.position >= WORKER_BYTES) return copy;
    }
    return undefined;
  }
}
