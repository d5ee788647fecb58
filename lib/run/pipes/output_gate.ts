/**
 * All streams of one actor that somebody reads, seen together: the actor sees a closed pipe only when the last reader
 * of the last of them has left. Until then a stream without readers is drained.
 */

/** One stream at its writer's side. */
export interface StreamEnd {
  /** False once its last reader has left. */
  isLive: boolean;
  /** Closes the reading side: the writer's next write fails. */
  close(): void;
  /** Reads on and forgets, so that the writer is not held up. */
  drain(): void;
  /** Asked when the writer has ended: had all readers left before? */
  hasLostReaders(): boolean;
  /** The writer has closed it and goes on: its readers have got its end, so they cannot leave it early any more. */
  isClosedByWriter?(): boolean;
  /** Bytes that were read from the stream; undefined where the engine does not see them. */
  countBytes(): number | undefined;
}

export class OutputGate {
  readonly #ends: StreamEnd[] = [];

  add(end: StreamEnd): void {
    this.#ends.push(end);
  }

  get ends(): readonly StreamEnd[] {
    return this.#ends;
  }

  /** The last reader of a stream has left. */
  lose(end: StreamEnd): void {
    if (!end.isLive || isClosedByWriter(end)) return;
    end.isLive = false;
    if (this.#ends.some((other) => other.isLive && !isClosedByWriter(other))) end.drain();
    else for (const each of this.#ends) each.close();
  }

  /** True when the actor had readers and all of them have left: its end is then no failure. */
  haveAllReadersLeft(): boolean {
    const open = this.#ends.filter((end) => !isClosedByWriter(end));
    return open.length > 0 && open.every((end) => !end.isLive || end.hasLostReaders());
  }

  /** All bytes of all streams; undefined when one of them is out of sight. */
  countBytes(): number | undefined {
    let sum = 0;
    for (const end of this.#ends) {
      const bytes = end.countBytes();
      if (bytes === undefined) return undefined;
      sum += bytes;
    }
    return sum;
  }
}

function isClosedByWriter(end: StreamEnd): boolean {
  return end.isLive && end.isClosedByWriter?.() === true;
}
