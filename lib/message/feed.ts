/**
 * A byte stream that comes to a message actor: each line becomes a message.
 */
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
