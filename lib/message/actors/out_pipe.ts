/**
 * A pipe that the engine writes to, and what waits to be written there.
 */
import { ByteBuffer } from "../../data/byte_buffer.ts";

export class OutPipe {
  readonly fd: number;
  readonly bytes = new ByteBuffer(1024);
  /** It took no more: it is watched. */
  isFull = false;

  constructor(fd: number) {
    this.fd = fd;
  }

  get isEmpty(): boolean {
    return this.bytes.length === 0;
  }

  /** So many of the bytes that waited are in the pipe. */
  took(count: number): void {
    this.bytes.take(count);
  }
}
