/**
 * Makes the actors of a flow, those that come later too, and starts those that are not left to their first message.
 */
import type { Directory } from "./actors/directory.ts";
import { type ActorSetup, MessageActor } from "./actors/message_actor.ts";
import { type IdleOptions, IdleWatch } from "./lives/idle_watch.ts";
import type { MailRoom } from "./mail/mail_room.ts";

export interface StarterContext extends Omit<IdleOptions, "idleMs"> {
  readonly directory: Directory;
  readonly room: MailRoom;
}

export class ActorStarter {
  readonly #context: StarterContext;
  #places = 0;

  constructor(context: StarterContext) {
    this.#context = context;
  }

  make(setup: ActorSetup): MessageActor {
    const { directory, room } = this.#context;
    const actor = new MessageActor(setup, { nextPlace: () => this.#places++, room });
    directory.actors.set(setup.name, actor);
    return actor;
  }

  start(actor: MessageActor): void {
    const { places } = this.#context;
    const { isEager, isKeyed, idleMs } = actor;
    if (isEager && !isKeyed) {
      for (const cell of actor.cells) for (const place of cell.places) places.start(place);
    }
    // Instances are let go as well when they are too many.
    if (idleMs !== undefined || isKeyed) new IdleWatch(actor, { ...this.#context, idleMs }).begin();
  }
}
