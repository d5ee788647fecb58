/**
 * Bytes on their way through the engine, held by every edge that still has to pass them on. When the last one has let
 * go, their memory is given back at once: a garbage collector would let hundreds of megabytes pile up first, because
 * it hardly sees the memory behind a buffer.
 */
export class Chunk {
  readonly bytes: Uint8Array;
  readonly #isOwned: boolean;
  #holders: number;

  /** `isOwned`: nobody else uses the memory, so it may be given back. `holders` is how often `release` will come. */
  constructor(
    bytes: Uint8Array,
    { holders, isOwned }: { readonly holders: number; readonly isOwned: boolean },
  ) {
    this.bytes = bytes;
    this.#holders = holders;
    this.#isOwned = isOwned;
  }

  /** Lets go of the bytes; the holder must not use them any more. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders > 0 || !this.#isOwned) return;
    const { buffer, byteLength } = this.bytes;
    // A view of a part may share its memory with others.
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
  }
}
