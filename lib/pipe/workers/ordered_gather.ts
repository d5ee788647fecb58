/**
 * Gathers a stream in the order of the input: all of the first copy's output, then all of the second one's.
 */
import { TURN_BYTES } from "../../core/limits/streams.ts";
import type { Gathered, GatheredLog } from "./gathered_log.ts";
import type { HeaderGate } from "./header_gate.ts";
import type { PoolHost } from "./pool_host.ts";
import type { PoolWaiting } from "../state/pool_sides.ts";
import type { StreamState } from "../state/relay_states.ts";
import { canBeDirect, isTakenDirectly, roomOf } from "../state/relay_states.ts";
import type { WorkerCopies } from "./worker_copies.ts";
import type { CopyOut, WorkerCopy } from "../state/worker_copy.ts";

export class OrderedGather {
  readonly #stream: StreamState;
  readonly #at: number;
  readonly #copies: WorkerCopies;
  readonly #isRetried: boolean;
  readonly #log: GatheredLog;
  readonly #gate: HeaderGate;
  readonly #host: Pick<PoolHost, "push">;
  /** The copy whose output is given on. */
  #head = 0;
  /** Nobody: lines of different copies do not meet. */
  readonly holder: CopyOut | undefined = undefined;

  constructor(
    stream: StreamState,
    { at, copies, isRetried, log, gate, host }: Gathered & {
      readonly gate: HeaderGate;
      readonly host: Pick<PoolHost, "push">;
    },
  ) {
    this.#stream = stream;
    this.#at = at;
    this.#copies = copies;
    this.#isRetried = isRetried;
    this.#log = log;
    this.#gate = gate;
    this.#host = host;
  }

  /** True when what this copy writes may be given on now. */
  takesFrom({ index }: WorkerCopy): boolean {
    return index === this.#head;
  }

  /** Gives on what there is; true when there is more. */
  gather(): boolean {
    for (let turn = 0; turn < TURN_BYTES;) {
      const copy = this.#copies.get(this.#head);
      if (copy === undefined || copy.phase === "wanted") {
        if (copy !== undefined || this.#head >= this.#copies.planned) return false;
        this.#head += 1;
        continue;
      }
      if (this.#isRetried && copy.phase !== "ended") return false;
      const out = copy.outs[this.#at];
      if (out !== undefined && !this.#gate.passes(out)) return false;
      if (copy.isOutSpent(this.#at)) {
        this.#head = copy.index + 1;
        continue;
      }
      if (canBeDirect(this.#stream) && isTakenDirectly(this.#stream)) {
        if (this.nextOut() !== undefined) this.#host.push(this.#stream);
        return false;
      }
      const room = roomOf(this.#stream);
      const moved = room <= 0 || out === undefined ? 0 : this.#log.give(out, room);
      if (moved === 0) return false;
      turn += moved;
    }
    return true;
  }

  /** How much of the log of a copy could be given on now. */
  heldIn({ log, position, isPastHeader }: CopyOut): number {
    return isPastHeader ? log.tail - position : 0;
  }

  /** The copy whose turn it is, or the next one, for which there has to be input. */
  waitsFor(): PoolWaiting {
    const copy = this.#copies.get(this.#head);
    return copy === undefined ? { kind: "any", copies: [], input: true } : { kind: "any", copies: [copy] };
  }

  nextOut(): CopyOut | undefined {
    const copy = this.#copies.get(this.#head);
    if (copy === undefined || copy.phase === "wanted") return undefined;
    if (this.#isRetried && copy.phase !== "ended") return undefined;
    const out = copy.outs[this.#at];
    if (out === undefined || !this.#gate.passes(out) || copy.isOutSpent(this.#at)) return undefined;
    return out.position < out.log.tail || out.isReadable ? out : undefined;
  }
}
