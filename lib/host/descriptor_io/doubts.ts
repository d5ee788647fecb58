/**
 * Moves that were refused ("not now"). The system tells of changes only, so whoever was refused waits for one; and a
 * refusal that had no reason, which a signal or a lack of memory may cause, would be waited for in vain. Some time
 * after a refusal it is asked whether all that the move needed is ready: then it is told as ready once more.
 */
import { DOUBT_MS } from "../../core/limits/streams.ts";
import type { Readiness } from "./descriptor_io.ts";

/** No descriptor: a read has no target, a write no source. */
export const NONE = -1;

const POLLIN = 1;
const POLLOUT = 4;
const POLLERR = 8;
const POLLHUP = 16;
const READY = POLLIN | POLLOUT | POLLERR | POLLHUP;
/** `struct pollfd`, in numbers of 32 bits: the descriptor, what is asked, and above that what is answered. */
const POLL_NUMBERS = 2;
/** More than there are descriptors: two of them make one number. */
const DESCRIPTORS = 2 ** 26;

export class Doubts {
  readonly #poll: (asked: Int32Array, count: number, timeoutMs: number) => number;
  /** From where to where, as one number each. */
  readonly #moves = new Set<number>();
  /** When the first of them was seen. */
  #since: number | undefined;

  constructor(poll: (asked: Int32Array, count: number, timeoutMs: number) => number) {
    this.#poll = poll;
  }

  /** A move was refused. It may have been right: this costs no call and no look at the clock. */
  add(from: number, to: number): void {
    this.#moves.add((from + 1) * DESCRIPTORS + to + 1);
  }

  /** How long to wait at most before `answer`, in milliseconds, when nothing happens; `undefined` without doubts. */
  restMs(): number | undefined {
    if (this.#moves.size === 0) return undefined;
    const now = performance.now();
    this.#since ??= now;
    return Math.max(0, Math.ceil(this.#since + DOUBT_MS - now));
  }

  /** What was refused and is ready. When the system does not answer, it is asked again later. */
  answer(): readonly Readiness[] {
    this.#since = undefined;
    const asked = new Int32Array(this.#moves.size * 2 * POLL_NUMBERS);
    let at = 0;
    for (const move of this.#moves) {
      asked[at] = Math.floor(move / DESCRIPTORS) - 1;
      asked[at + 1] = POLLIN;
      asked[at + 2] = move % DESCRIPTORS - 1;
      asked[at + 3] = POLLOUT;
      at += 2 * POLL_NUMBERS;
    }
    const count = this.#poll(asked, asked.length / POLL_NUMBERS, 0);
    if (count < 0) return [];
    this.#moves.clear();
    return count === 0 ? [] : listReady(asked);
  }
}

function listReady(asked: Int32Array): readonly Readiness[] {
  const ready: Readiness[] = [];
  for (let at = 0; at < asked.length; at += 2 * POLL_NUMBERS) {
    const ends = [at, at + POLL_NUMBERS].map((end) => ({
      fd: asked[end] ?? NONE,
      flags: (asked[end + 1] ?? 0) >>> 16,
    }));
    // One that is not ready is the reason: its change will be told.
    const known = ends.filter(({ fd }) => fd !== NONE);
    if (!known.every(({ flags }) => (flags & READY) !== 0)) continue;
    for (const { fd, flags } of known) ready.push({ fd, isBroken: (flags & (POLLERR | POLLHUP)) !== 0 });
  }
  return ready;
}
