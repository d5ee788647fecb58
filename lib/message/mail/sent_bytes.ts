/**
 * What a process was given last, as it was written to it: when it leaves, what it has not handled goes to the next.
 *
 *   forgotten │ kept, at most SENT_KEPT_BYTES │ given: `end`
 */
import { SENT_KEPT_BYTES } from "../../core/limits/message.ts";
import { ByteBuffer } from "../../data/byte_buffer.ts";

export class SentBytes {
  readonly #bytes = new ByteBuffer(64);
  /** How many bytes were given, in all. */
  #end = 0;

  /** `handled`: up to where nothing has to be kept any more. */
  note(bytes: Uint8Array, handled: number): void {
    this.#forget(handled);
    this.#end += bytes.length;
    this.#bytes.put(bytes.length > SENT_KEPT_BYTES ? bytes.subarray(-SENT_KEPT_BYTES) : bytes);
    this.#forget(this.#end - SENT_KEPT_BYTES);
  }

  /** Nothing has to be kept. */
  clear(): void {
    this.#bytes.clear();
  }

  #forget(before: number): void {
    const count = before - (this.#end - this.#bytes.length);
    if (count > 0) this.#bytes.take(Math.min(count, this.#bytes.length));
  }

  /** The bytes from one position to another, counted from the first that was given; undefined when they are forgotten. */
  read({ start, end }: { readonly start: number; readonly end: number }): Uint8Array | undefined {
    const { bytes, length, start: first } = this.#bytes;
    const from = this.#end - length;
    if (start < from || end > this.#end) return undefined;
    return bytes.slice(first + start - from, first + end - from);
  }
}
