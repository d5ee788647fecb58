/**
 * Room for messages that wait: many share one piece of memory, because a piece for each costs more than all the rest
 * that is done with it. A piece is given back when none of its messages is left.
 */
import { ByteBuffer } from "./byte_buffer.ts";

const SLAB_BYTES = 32 * 1024;

export class Slab {
  #piece = new ByteBuffer(SLAB_BYTES);

  /** A buffer with room for so many bytes behind its end, where they stay. */
  withRoom(count: number): ByteBuffer {
    const { bytes, end } = this.#piece;
    if (end + count > bytes.length) this.#piece = new ByteBuffer(Math.max(SLAB_BYTES, count));
    return this.#piece;
  }
}
