/**
 * A second way out of a stream's pipe: what is taken from the stream has been copied into the tap before. The copy is
 * made by the kernel (`tee`), so no byte is moved for it; whoever is behind the tap sets the pace when it is full, but
 * is no reader: a stream that all its readers have left is abandoned, tap or not.
 */
import type { Moved, RelayIo } from "../host/relay_io.ts";
import { NOT_NOW } from "../host/relay_io.ts";
import { PIPE_BYTES } from "../core/limits/streams.ts";

export class Tap {
  /** The write end of a pipe. */
  readonly fd: number;
  /** True when the last copy failed for want of room; else there was nothing to be copied. */
  isFull = false;
  readonly #io: RelayIo;
  /** Bytes that were copied and have not been taken. */
  #ahead = 0;

  constructor(fd: number, io: RelayIo) {
    this.fd = fd;
    this.#io = io;
  }

  /** How many bytes, at most `max`, may be taken from the pipe `source` now; or AT_END, NOT_NOW, GONE. */
  allow(source: number, max: number): Moved {
    let hadRoom = false;
    while (this.#ahead === 0) {
      const copied = this.#io.copy({ from: source, to: this.fd, max: PIPE_BYTES });
      if (copied > 0) {
        this.#ahead = copied;
        break;
      }
      if (copied !== NOT_NOW) return copied;
      // Full or empty? Nobody else writes into the tap, so once there was room it is the source that has nothing.
      this.isFull = !hadRoom && !this.#io.hasRoom(this.fd);
      if (hadRoom || this.isFull) return NOT_NOW;
      hadRoom = true;
    }
    return Math.min(max, this.#ahead);
  }

  took(bytes: number): void {
    this.#ahead -= bytes;
  }
}
