/**
 * Frames: what follows the greetings.
 *
 *   flags: 1 more, 2 long, 4 command │ size: 1 byte, or 8 when it is long │ body
 */
import { Buffer } from "node:buffer";

const MORE = 1;
const LONG = 2;
const COMMAND = 4;

/** The longest body of a short frame. */
const SHORT_MAX = 255;

/** A frame of which the head has come. */
export interface FrameHead {
  readonly isCommand: boolean;
  /** Another part of the same message comes behind it. */
  readonly hasMore: boolean;
  /** Of the head. */
  readonly headBytes: number;
  readonly bodyBytes: number;
}

/** How long the frame of a body is. */
export function frameBytes(bodyBytes: number): number {
  return bodyBytes + (bodyBytes > SHORT_MAX ? 9 : 2);
}

/** Writes a frame where there is room for it; gives where it ends. */
export function writeFrame(
  to: Uint8Array,
  start: number,
  body: Uint8Array,
  { isCommand = false } = {},
): number {
  const { length } = body;
  const isLong = length > SHORT_MAX;
  let at = start;
  to[at++] = (isLong ? LONG : 0) | (isCommand ? COMMAND : 0);
  if (isLong) {
    to.fill(0, at, at + 4);
    at += 4;
    for (let shift = 24; shift >= 0; shift -= 8) to[at++] = length >>> shift;
  } else to[at++] = length;
  to.set(body, at);
  return at + length;
}

/** The head of the frame at a place; undefined when it has not come yet, a text when it is none. */
export function readHead(bytes: Uint8Array, at: number): FrameHead | string | undefined {
  const flags = bytes[at];
  if (flags === undefined) return undefined;
  const isCommand = (flags & COMMAND) !== 0;
  if ((flags & ~(MORE | LONG | COMMAND)) !== 0 || (isCommand && (flags & MORE) !== 0)) {
    return `a frame has flags ${flags}, which mean nothing`;
  }
  const hasMore = (flags & MORE) !== 0;
  if ((flags & LONG) === 0) {
    const bodyBytes = bytes[at + 1];
    return bodyBytes === undefined ? undefined : { isCommand, hasMore, headBytes: 2, bodyBytes };
  }
  if (bytes.length < at + 9) return undefined;
  let bodyBytes = 0;
  for (let place = at + 1; place < at + 9; place++) bodyBytes = bodyBytes * 256 + (bytes[place] ?? 0);
  return { isCommand, hasMore, headBytes: 9, bodyBytes };
}

export interface FrameReaderOptions {
  /** Longest message, and longest command. */
  readonly messageBytesMax: number;
  readonly commandBytesMax: number;
  /** `body` is only lent. */
  readonly onFrame: (head: FrameHead, body: Uint8Array) => void;
}

/** Cuts what comes into frames, wherever it was cut on its way. */
export class FrameReader {
  readonly #options: FrameReaderOptions;
  /** What has come of the next frame; of a long one piece by piece, so that no peer gets more memory than it fills. */
  #pieces: Uint8Array[] = [];
  #held = 0;
  /** So many bytes have to be there before it is looked again. */
  #needed = 1;

  constructor(options: FrameReaderOptions) {
    this.#options = options;
  }

  /** True when a frame has begun and not ended. */
  get isInFrame(): boolean {
    return this.#held > 0;
  }

  /** Takes what has come. A text says why nothing more can be read. */
  take(chunk: Uint8Array): string | undefined {
    if (this.#held + chunk.length < this.#needed) {
      this.#keep(chunk);
      return undefined;
    }
    const bytes = this.#held === 0 ? chunk : this.#join(chunk);
    for (let at = 0;;) {
      const head = readHead(bytes, at);
      if (typeof head === "string") return head;
      const end = head === undefined ? Infinity : at + head.headBytes + head.bodyBytes;
      const problem = head === undefined ? undefined : this.#problemOf(head);
      if (problem !== undefined) return problem;
      if (head === undefined || end > bytes.length) {
        this.#needed = head === undefined ? bytes.length - at + 1 : end - at;
        if (at < bytes.length) this.#keep(bytes.subarray(at));
        return undefined;
      }
      this.#options.onFrame(head, bytes.subarray(at + head.headBytes, end));
      at = end;
    }
  }

  #problemOf({ isCommand, bodyBytes }: FrameHead): string | undefined {
    const { messageBytesMax, commandBytesMax } = this.#options;
    const max = isCommand ? commandBytesMax : messageBytesMax;
    const what = isCommand ? "command" : "message";
    return bodyBytes > max ? `a ${what} of ${bodyBytes} bytes is longer than ${max}` : undefined;
  }

  #keep(chunk: Uint8Array): void {
    this.#pieces.push(chunk);
    this.#held += chunk.length;
  }

  #join(chunk: Uint8Array): Uint8Array {
    const bytes = Buffer.allocUnsafeSlow(this.#held + chunk.length);
    let at = 0;
    for (const piece of [...this.#pieces, chunk]) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    this.#held = 0;
    return bytes;
  }
}
