/**
 * Gathers a stream line by line as copies write them: whole lines of whoever has some; a line longer than the buffer
 * keeps the turn.
 */
import { WORKER_BYTES } from "../../core/limits/workers.ts";
import type { Gathered, GatheredLog } from "./gathered_log.ts";
import type { HeaderGate } from "./header_gate.ts";
import type { PoolWaiting } from "../state/pool_sides.ts";
import type { StreamState } from "../state/relay_states.ts";
import { roomOf } from "../state/relay_states.ts";
import type { WorkerCopies } from "./worker_copies.ts";
import type { CopyOut, WorkerCopy } from "../state/worker_copy.ts";

const LINE_FEED = 10;
const LINE_BREAK = new Uint8Array([LINE_FEED]);

export class LineGather {
  readonly #stream: StreamState;
  readonly #at: number;
  readonly #copies: WorkerCopies;
  readonly #isRetried: boolean;
  readonly #log: GatheredLog;
  readonly #gate: HeaderGate;
  readonly #buffer: Uint8Array;
  #holder: CopyOut | undefined;

  constructor(
    stream: StreamState,
    { at, copies, isRetried, log, gate, buffer }: Gathered & {
      readonly gate: HeaderGate;
      readonly buffer: Uint8Array;
    },
  ) {
    this.#stream = stream;
    this.#at = at;
    this.#copies = copies;
    this.#isRetried = isRetried;
    this.#log = log;
    this.#gate = gate;
    this.#buffer = buffer;
  }

  /** Whose line has begun. */
  get holder(): CopyOut | undefined {
    return this.#holder;
  }

  /** True when what a copy writes may be given on now: nobody else is in the middle of a line. */
  takesFrom(copy: WorkerCopy): boolean {
    return this.#holder === undefined || this.#holder.copy === copy;
  }

  /** How much of the log of a copy could be given on now: not the beginning of a line. */
  heldIn({ log, position, begunTo, isPastHeader }: CopyOut): number {
    return log.tail === begunTo || !isPastHeader ? 0 : log.tail - position;
  }

  /** Whoever is in the middle of a line, else anybody. */
  waitsFor(): PoolWaiting {
    const copies = this.#holder === undefined ? [...this.#copies] : [this.#holder.copy];
    const writing = copies.filter((copy) => !copy.isOutSpent(this.#at));
    return { kind: "any", copies: writing, input: this.#holder === undefined };
  }

  /** No reader can take by himself: lines have to be whole. */
  nextOut(): undefined {
    return undefined;
  }

  /** Gives on what there is; true when there is more. */
  gather(): boolean {
    let goesOn = false;
    for (const copy of this.#copies) {
      const out = copy.outs[this.#at];
      if (out === undefined || !this.takesFrom(copy)) continue;
      if (this.#isRetried && copy.phase !== "ended") continue;
      // Without a limit as much as has to be held to find a line.
      copy.collect(out, { boundBytes: WORKER_BYTES, baseBytes: this.#buffer.length });
      if (!this.#gate.passes(out)) continue;
      if (roomOf(this.#stream) <= 0) return false;
      if (this.#giveLines(out)) goesOn = true;
    }
    return goesOn;
  }

  /** What waits of a copy's output, as much as the buffer takes: a line may begin in one block and end in the next. */
  #read({ log, position }: CopyOut): Uint8Array {
    let filled = 0;
    while (filled < this.#buffer.length) {
      const count = log.read(position + filled, this.#buffer.subarray(filled));
      if (count <= 0) break;
      filled += count;
    }
    return this.#buffer.subarray(0, filled);
  }

  #giveLines(out: CopyOut): boolean {
    if (this.#log.isLost) return this.#log.give(out, Infinity) > 0;
    const chunk = this.#read(out);
    const isInLine = this.#holder === out;
    if (chunk.length === 0) {
      // The last line gets a line break, so that it stays a line of its own.
      if (isInLine && out.fd === undefined && this.#log.append(LINE_BREAK) === 1) this.#holder = undefined;
      return false;
    }
    const lines = chunk.lastIndexOf(LINE_FEED) + 1;
    const isWhole = chunk.length === this.#buffer.length || out.fd === undefined || isInLine;
    const end = lines > 0 ? lines : isWhole ? chunk.length : 0;
    if (end === 0) out.begunTo = out.log.tail;
    const moved = this.#log.append(chunk.subarray(0, end));
    if (moved === 0) return false;
    out.position += moved;
    out.log.trim(out.position);
    this.#holder = chunk[moved - 1] === LINE_FEED ? undefined : out;
    return moved === end;
  }
}
