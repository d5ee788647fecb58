/**
 * Moving by reading into a buffer and writing from it. What was read and not yet written is kept for the next move
 * from the same source.
 */
import type { Move, Moved } from "./descriptor_io.ts";
import { AT_END, NOT_NOW } from "./descriptor_io.ts";

/** How much is read at once; half of what a small pipe holds. */
const COPY_BYTES = 32 * 1024;

interface Primitives {
  read(fd: number, buffer: Uint8Array): Moved;
  write(fd: number, bytes: Uint8Array): Moved;
}

/** Errors of moves that came from their source. */
const ofSource = new WeakSet<object>();

/** True when a move has thrown this because its source could not be read: its target may be as good as ever. */
export function isOfSource(error: unknown): boolean {
  return typeof error === "object" && error !== null && ofSource.has(error);
}

export class Copying {
  readonly #io: Primitives;
  readonly #kept = new Map<number, Uint8Array>();

  constructor(io: Primitives) {
    this.#io = io;
  }

  /** Bytes that were read from the source and not passed on. */
  held(fd: number): number {
    return this.#kept.get(fd)?.length ?? 0;
  }

  forget(fd: number): void {
    this.#kept.delete(fd);
  }

  /** Takes what was read and not passed on, as a read would. */
  take(fd: number, buffer: Uint8Array): number {
    const kept = this.#kept.get(fd);
    if (kept === undefined) return 0;
    const count = Math.min(kept.length, buffer.length);
    buffer.set(kept.subarray(0, count));
    if (count < kept.length) this.#kept.set(fd, kept.subarray(count));
    else this.#kept.delete(fd);
    return count;
  }

  move(
    { from, to, max }: Move,
    io: Primitives = this.#io,
  ): Moved {
    const bytes = this.#hold(from, { max, io });
    if (typeof bytes === "number") return bytes;
    const written = io.write(to, bytes.length > max ? bytes.subarray(0, max) : bytes);
    const rest = written > 0 ? bytes.subarray(written) : bytes;
    if (rest.length > 0) this.#kept.set(from, rest);
    else this.#kept.delete(from);
    return written === 0 ? NOT_NOW : written;
  }

  /** Writes what a move would take, and keeps it for the move. */
  copy({ from, to, max }: Move): Moved {
    const bytes = this.#hold(from, { max, io: this.#io });
    if (typeof bytes === "number") return bytes;
    const written = this.#io.write(to, bytes.length > max ? bytes.subarray(0, max) : bytes);
    return written === 0 ? NOT_NOW : written;
  }

  /** What was read from the source and not passed on; when there is nothing, a part of what it has now. */
  #hold(from: number, { max, io }: { readonly max: number; readonly io: Primitives }): Uint8Array | Moved {
    const kept = this.#kept.get(from);
    if (kept !== undefined) return kept;
    if (max < 1) return NOT_NOW;
    const buffer = new Uint8Array(Math.min(max, COPY_BYTES));
    const count = readSource(() => io.read(from, buffer));
    if (count <= AT_END) return count;
    const bytes = buffer.subarray(0, count);
    // A write that fails must not lose what was read.
    this.#kept.set(from, bytes);
    return bytes;
  }
}

function readSource(read: () => Moved): Moved {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) ofSource.add(error);
    throw error;
  }
}
