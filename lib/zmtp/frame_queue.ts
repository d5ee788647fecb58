/**
 * Frames that wait to be sent, in pieces as they are given to the system: small ones gathered, a long one for itself.
 */
import { Buffer } from "node:buffer";
import { PEER_BATCH_BYTES } from "../core/limits/remote.ts";
import { Deque } from "../data/deque.ts";
import { frameBytes, writeFrame } from "./frames.ts";

/** Whole frames, one after the other. */
export interface Batch {
  readonly data: Uint8Array;
  readonly messages: number;
}

export class FrameQueue {
  readonly #full = new Deque<Batch>();
  /** What is being gathered. */
  #open: Uint8Array | undefined;
  #openEnd = 0;
  #openMessages = 0;
  /** The next one is as large as the last one was full, within bounds. */
  #size = BATCH_BYTES_MIN;
  messages = 0;
  bytes = 0;

  /** The message is copied. */
  put(message: Uint8Array): void {
    const count = frameBytes(message.length);
    if (this.#open !== undefined && this.#openEnd + count > this.#open.length) {
      this.#close();
      this.#size = Math.min(PEER_BATCH_BYTES, this.#size * 2);
    }
    this.#open ??= Buffer.allocUnsafeSlow(Math.max(this.#size, count));
    this.#openEnd = writeFrame(this.#open, this.#openEnd, message);
    this.#openMessages += 1;
    this.messages += 1;
    this.bytes += count;
  }

  /** The first of them; undefined when none waits. */
  take(): Batch | undefined {
    if (this.#full.length === 0 && this.#openMessages > 0) {
      this.#close();
      this.#size = Math.max(BATCH_BYTES_MIN, this.#size / 2);
    }
    const batch = this.#full.shift();
    this.messages -= batch?.messages ?? 0;
    this.bytes -= batch?.data.length ?? 0;
    return batch;
  }

  #close(): void {
    if (this.#open === undefined) return;
    this.#full.push({ data: this.#open.subarray(0, this.#openEnd), messages: this.#openMessages });
    this.#open = undefined;
    this.#openEnd = this.#openMessages = 0;
  }
}

const BATCH_BYTES_MIN = 1024;
