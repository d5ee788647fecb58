/**
 * Whether the bytes of a stream are a text, found out while they come: UTF-8 without NUL. A character may be cut in two
 * by the end of a piece.
 */
import { Buffer, isUtf8 } from "node:buffer";

export class TextCheck {
  #isText = true;
  /** The begun character at the end of the last piece. */
  #begun = new Uint8Array();

  /** True when everything so far is a text. */
  get isText(): boolean {
    return this.#isText && this.#begun.length === 0;
  }

  add(piece: Uint8Array): void {
    if (!this.#isText || piece.length === 0) return;
    const bytes = this.#begun.length === 0 ? piece : Buffer.concat([this.#begun, piece]);
    const end = bytes.length - countBegun(bytes);
    this.#begun = bytes.slice(end);
    this.#isText = !piece.includes(0) && isUtf8(bytes.subarray(0, end));
  }
}

/** How many bytes at the end begin a character and do not complete it: 0 to 3. */
function countBegun(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue; // It goes on a character.
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? back : 0;
  }
  return 0;
}
