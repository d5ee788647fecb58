/**
 * A byte stream that comes to a message actor: each line becomes a message.
 */
import type { LinkIn } from "../link/link.ts";
import { LineSource } from "./line_source.ts";
import type { MessageActor } from "./message_actor.ts";

export class Feed extends LineSource {
  readonly actor: MessageActor;
  /** Who gets the records; more than one when they come from a spawned process. */
  readonly actors: MessageActor[];
  /** Records that were taken, and how many of them an engine before this one has taken already; not of what is spawned. */
  records = 0;
  readonly skipped: number | undefined;

  constructor(
    { link, actor, skipped }: {
      readonly link: LinkIn;
      readonly actor: MessageActor;
      readonly skipped: number | undefined;
    },
  ) {
    super(link);
    this.skipped = skipped;
    this.actor = actor;
    this.actors = [actor];
  }
}
