/**
 * A byte stream that comes to a message actor: each line becomes a message.
 */
import { skipBlanks, skipValue, takeBits } from "./json_scan.ts";
import { isUtf8 } from "node:buffer";
import { ByteBuffer } from "./byte_buffer.ts";
import { Deque } from "./deque.ts";
import type { Parked } from "./actor_process.ts";
import type { MessageActor } from "./message_actor.ts";

export class Feed {
  readonly fd: number;
  readonly actor: MessageActor;
  /** Who gets the records; more than one when they come from a spawned process. */
  readonly actors: MessageActor[];
  readonly input = new ByteBuffer(64);
  readonly parked = new Deque<Parked>();
  /** Records that were taken, and how many of them an engine before this one has taken already; not of what is spawned. */
  records = 0;
  readonly skipped: number | undefined;
  isReadable = true;
  isBroken = false;
  isAtEnd = false;
  isSkipping = false;

  constructor(
    { fd, actor, skipped }: {
      readonly fd: number;
      readonly actor: MessageActor;
      readonly skipped: number | undefined;
    },
  ) {
    this.fd = fd;
    this.skipped = skipped;
    this.actor = actor;
    this.actors = [actor];
  }

  get isPaused(): boolean {
    return this.parked.length > 0;
  }
}

/** The payload of a record: its JSON as it is written, or the line as a string. There is a byte after `end`. */
export function recordPayload(bytes: Uint8Array, start: number, end: number): Uint8Array {
  takeBits();
  const from = skipBlanks(bytes, start);
  const close = from < end ? skipValue(bytes, from) : -1;
  const isJson = close >= 0 && close <= end && skipBlanks(bytes, close) >= end &&
    (takeBits() <= 0x7f || isUtf8(bytes.subarray(start, end)));
  if (isJson) return bytes.slice(from, close);
  const text = new TextDecoder().decode(bytes.subarray(start, end));
  return new TextEncoder().encode(JSON.stringify(text));
}
