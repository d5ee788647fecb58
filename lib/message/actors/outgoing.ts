/**
 * What waits to be written, and the link that takes it.
 */
import { ByteBuffer } from "../../data/byte_buffer.ts";
import type { LinkOut } from "../link/link.ts";

export class Outgoing {
  readonly link: LinkOut;
  readonly bytes = new ByteBuffer(1024);
  /** The link took no more: it tells when it does again. */
  isFull = false;

  constructor(link: LinkOut) {
    this.link = link;
  }

  get isEmpty(): boolean {
    return this.bytes.length === 0;
  }

  /** So many of the bytes that waited are on their way. */
  took(count: number): void {
    this.bytes.take(count);
  }
}
