/**
 * Something that lines are read from: a process, or a stream. It is not read while a message of it has no room.
 */
import { ByteBuffer } from "../../data/byte_buffer.ts";
import type { Parked, WaitingSender } from "./cell.ts";
import { Deque } from "../../data/deque.ts";
import type { LinkIn } from "../link/link.ts";

export class LineSource implements WaitingSender {
  readonly link: LinkIn;
  /** The beginning of a line, and lines that have to wait. */
  readonly input = new ByteBuffer(64);
  /** The rest of a line that is too long is thrown away. */
  isSkipping = false;
  /** It has ended, and its last line has no line break. */
  isTorn = false;
  isReadable = true;
  isBroken = false;
  isAtEnd = false;
  readonly parked = new Deque<Parked>();

  constructor(link: LinkIn) {
    this.link = link;
  }

  get isPaused(): boolean {
    return this.parked.length > 0;
  }
}
