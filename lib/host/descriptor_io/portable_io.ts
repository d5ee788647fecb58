/**
 * Relays where the C library cannot be called: non-blocking reads and writes of the runtime, and a look at everything
 * again after a short sleep, longer the longer nothing moves.
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { Copying } from "./copying.ts";
import { hasCode } from "../errno.ts";
import type { DescriptorIo, Move, Moved, OpenMode, Readiness } from "./descriptor_io.ts";
import { AT_END, GONE, NOT_NOW, OPEN_FLAGS, rightsOf } from "./descriptor_io.ts";

const SLEEP_MIN_MS = 1;
const SLEEP_MAX_MS = 8;

export class PortableIo implements DescriptorIo {
  readonly sharesPages = false;
  readonly tellsHeld = false;
  readonly #copying = new Copying(this);
  readonly #watched = new Set<number>();
  /** Pipes whose last read found something: nobody tells how much is left. */
  readonly #filled = new Set<number>();
  /** Named pipes that nobody was seen to write to. */
  readonly #unwritten = new Set<number>();
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4));
  #sleepMs = SLEEP_MIN_MS;

  move(move: Move): Moved {
    return this.#note(this.#copying.move(move));
  }

  copy(move: Move): Moved {
    return this.#note(this.#copying.copy(move));
  }

  store(move: Move & { readonly offset: number }): Moved {
    const write = (fd: number, bytes: Uint8Array): Moved =>
      writeSync(fd, bytes, 0, bytes.length, move.offset);
    return this.#note(this.#copying.move(move, { read: (fd, buffer) => this.read(fd, buffer), write }));
  }

  load({ from, to, max, offset }: Move & { readonly offset: number }): Moved {
    const buffer = new Uint8Array(Math.min(max, 32 * 1024));
    const count = this.readAt(from, { buffer, offset });
    return count <= AT_END ? count : this.#note(this.write(to, buffer.subarray(0, count)));
  }

  #note(moved: Moved): Moved {
    if (moved > 0) this.#sleepMs = SLEEP_MIN_MS;
    return moved;
  }

  read(fd: number, buffer: Uint8Array): Moved {
    const kept = this.#copying.take(fd, buffer);
    if (kept > 0) return kept;
    const count = attempt(() => readSync(fd, buffer, 0, buffer.length, null));
    if (count > 0) this.#filled.add(fd);
    else this.#filled.delete(fd);
    // Only a pipe with a writer is empty without being at its end.
    if (count === AT_END && this.#unwritten.has(fd)) return NOT_NOW;
    this.#unwritten.delete(fd);
    return count;
  }

  readAt(fd: number, { buffer, offset }: { readonly buffer: Uint8Array; readonly offset: number }): Moved {
    return attempt(() => readSync(fd, buffer, 0, buffer.length, offset));
  }

  write(fd: number, bytes: Uint8Array): Moved {
    return this.#note(attempt(() => writeSync(fd, bytes, 0, bytes.length, null)));
  }

  writeAt(fd: number, { bytes, offset }: { readonly bytes: Uint8Array; readonly offset: number }): Moved {
    return attempt(() => writeSync(fd, bytes, 0, bytes.length, offset));
  }

  held(fd: number): number {
    return this.#copying.held(fd) + (this.#filled.has(fd) ? 1 : 0);
  }

  hasRoom(): boolean {
    return false; // Only a write can tell.
  }

  watch(fd: number): void {
    this.#watched.add(fd);
  }

  expectWriter(fd: number): void {
    this.#unwritten.add(fd);
  }

  forget(fd: number): void {
    this.#unwritten.delete(fd);
    this.#watched.delete(fd);
    this.#filled.delete(fd);
    this.#copying.forget(fd);
  }

  wait(timeoutMs: number): readonly Readiness[] {
    const sleepMs = timeoutMs < 0 ? this.#sleepMs : Math.min(timeoutMs, this.#sleepMs);
    if (sleepMs > 0) Atomics.wait(this.#sleeper, 0, 0, sleepMs);
    this.#sleepMs = Math.min(SLEEP_MAX_MS, this.#sleepMs * 2);
    return [...this.#watched].map((fd) => ({ fd, isBroken: false }));
  }

  punch(): boolean {
    return true; // Copies are written over without harm.
  }

  makeMemoryFile(): undefined {
    return undefined;
  }

  open(path: string, mode: OpenMode): number {
    return openSync(path, OPEN_FLAGS[mode], rightsOf(mode));
  }

  close(fd: number): void {
    closeSync(fd);
  }

  end(): void {
    this.#watched.clear();
  }
}

function attempt(call: () => number): Moved {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (hasCode(error, "EAGAIN", "EWOULDBLOCK")) return NOT_NOW;
      if (hasCode(error, "EPIPE", "ECONNRESET")) return GONE;
      if (!hasCode(error, "EINTR")) throw error;
    }
  }
}
