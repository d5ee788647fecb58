/**
 * A second way out of a stream's pipe: what is taken from the stream has been copied into the tap before. The copy is
 * made by the kernel (`tee`), so no byte is moved for it; whoever is behind the tap sets the pace when it is full, but
 * is no reader: a stream that all its readers have left is abandoned, tap or not.
 */
import type { DescriptorIo, Moved } from "../../host/descriptor_io/descriptor_io.ts";
import { AT_END, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import { PIPE_BYTES } from "../../core/limits/streams.ts";
import { EMPTY, moveReady } from "./move_ready.ts";

export class Tap {
  /** The write end of a pipe. */
  readonly fd: number;
  /** True when the last copy failed for want of room; else there was nothing to be copied. */
  isFull = false;
  readonly #io: DescriptorIo;
  /** Bytes that were copied and have not been taken. */
  #ahead = 0;

  constructor(fd: number, io: DescriptorIo) {
    this.fd = fd;
    this.#io = io;
  }

  /** How many bytes, at most `max`, may be taken from the pipe `source` now; or AT_END, NOT_NOW, GONE. */
  allow(source: number, max: number): Moved {
    if (this.#ahead === 0) {
      const copied = moveReady(
        this.#io,
        { to: this.fd, isToFile: false },
        () => this.#io.copy({ from: source, to: this.fd, max: PIPE_BYTES }),
      );
      this.isFull = copied === NOT_NOW;
      if (copied <= AT_END) return copied === EMPTY ? NOT_NOW : copied;
      this.#ahead = copied;
    }
    return Math.min(max, this.#ahead);
  }

  took(bytes: number): void {
    this.#ahead -= bytes;
  }
}
