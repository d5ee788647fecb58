/**
 * The ends of pipes that belong to a test: neither of them ever waits.
 */
import { Buffer } from "node:buffer";
import { readSync, writeSync } from "node:fs";
import type { Pipe } from "../../lib/host/descriptors/descriptors.ts";
import { closeFd, makeEnginePipe, makeNonBlocking } from "../../lib/host/descriptors/descriptors.ts";
import { libc } from "../../lib/host/descriptors/libc.ts";

const F_SETPIPE_SZ = 1031;

export interface EndOptions {
  /** @default the largest that is allowed */
  readonly pipeBytes?: number;
}

/** Makes a pipe of which neither end waits. */
export function makeTestPipe({ pipeBytes }: EndOptions = {}): Pipe {
  const calls = libc();
  if (calls === undefined) {
    throw new Error("Cannot test relays here: only the C library makes both ends non-blocking");
  }
  const pipe = makeEnginePipe("read");
  makeNonBlocking(pipe.writeFd);
  if (pipeBytes !== undefined) calls.fcntl(pipe.writeFd, F_SETPIPE_SZ, pipeBytes);
  return pipe;
}

/** The bytes that a stream of this number has: each says where it belongs. */
export function makeBytes(length: number, stream = 0): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4)).map((_, at) => Math.imul(at + 1, 0x9e3779b1) ^ stream);
  return Buffer.from(words.buffer).subarray(0, length);
}

/** The writing side of a stream. */
export class Feeder {
  isClosed = false;
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Writes what there is room for; undefined when nobody reads any more. */
  write(bytes: Uint8Array): number | undefined {
    let done = 0;
    while (done < bytes.length) {
      const count = attempt(() => writeSync(this.#fd, bytes, done));
      if (count === undefined) break;
      if (count === "EPIPE") return undefined;
      done += count;
    }
    return done;
  }

  close(): void {
    if (!this.isClosed) closeFd(this.#fd);
    this.isClosed = true;
  }
}

/** The reading side of a join. */
export class Taker {
  isAtEnd = false;
  length = 0;
  readonly #fd: number;
  readonly #chunks: Buffer[] = [];
  #isClosed = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.bytes.toString();
  }

  /** Reads at most `max` bytes of what is there; how many that were. */
  read(max = Infinity): number {
    let done = 0;
    while (done < max) {
      const buffer = Buffer.alloc(Math.min(max - done, 256 * 1024));
      const count = attempt(() => readSync(this.#fd, buffer));
      if (count === 0) this.isAtEnd = true;
      if (typeof count !== "number" || count === 0) break;
      this.#chunks.push(buffer.subarray(0, count));
      done += count;
    }
    this.length += done;
    return done;
  }

  /** The same, and does not keep the bytes. */
  readAway(max = Infinity): Buffer {
    const before = this.#chunks.length;
    this.read(max);
    return Buffer.concat(this.#chunks.splice(before));
  }

  close(): void {
    if (!this.#isClosed) closeFd(this.#fd);
    this.#isClosed = true;
  }
}

/** What a call returns; undefined when it would have to wait, EPIPE when nobody is at the other end. */
function attempt(call: () => number): number | "EPIPE" | undefined {
  try {
    return call();
  } catch (error) {
    const code = codeOf(error);
    if (code === " EAGAIN") return undefined;
    if (code === " EPIPE") return "EPIPE";
    throw error;
  }
}

/** The code of a system's error, after a space; nothing for no error. */
export function codeOf(error: unknown): string {
  if (error === undefined) return "";
  return error instanceof Error && "code" in error ? ` ${String(error.code)}` : ` ${String(error)}`;
}
