/**
 * Who is there: actors by name, and who listens to a topic.
 */
import { TOPICS_KNOWN_MAX } from "../../core/limits/message.ts";
import { intersects, readKeyExpression } from "../../core/key_expression.ts";
import type { Cell } from "./cell.ts";
import { takersOf } from "./landings.ts";
import type { MailTarget, MessageActor } from "./message_actor.ts";
import { isOutside, STRANGERS } from "./remote_address.ts";

/** The engine's own actors. */
export const SYSTEM_ACTORS = ["$timer", "$state", "$spawn", "$registry", "$log", "$flow"];

export class Directory {
  readonly actors = new Map<string, MessageActor>();
  /** Other names of actors, such as `dead-letter`. */
  readonly aliases = new Map<string, readonly string[]>();
  readonly #listeners = new Map<string, readonly MessageActor[]>();

  /** Who is meant by a receiver: `actor`, `actor/key`, `$timer`, `actor@tcp://host:port`. */
  find(receiver: string): MailTarget {
    if (isOutside(receiver)) {
      return this.actors.get(STRANGERS)?.target ?? { kind: "nobody", name: receiver };
    }
    if (receiver.startsWith("$")) {
      return SYSTEM_ACTORS.includes(receiver)
        ? { kind: "system", name: receiver }
        : { kind: "nobody", name: receiver };
    }
    const slash = receiver.indexOf("/");
    const name = slash < 0 ? receiver : receiver.slice(0, slash);
    const meant = this.#meantBy(name);
    const [actor] = meant;
    if (actor === undefined) return { kind: "nobody", name: receiver };
    if (meant.length > 1 && slash < 0) return { kind: "several", actors: meant };
    if (slash < 0) return actor.target;
    return actor.isKeyed
      ? { kind: "keyed", actor, key: receiver.slice(slash + 1) }
      : { kind: "nobody", name: receiver };
  }

  /** The actor of that name, or those behind an alias. */
  #meantBy(name: string): readonly MessageActor[] {
    const actor = this.actors.get(name);
    if (actor !== undefined) return [actor];
    return (this.aliases.get(name) ?? []).flatMap((target) => this.actors.get(target) ?? []);
  }

  /** The cells of the actors that get dead letters. */
  get deadLetters(): readonly Cell[] {
    return takersOf(this.find("dead-letter")).flatMap((taker) => taker.kind === "cell" ? taker.cell : []);
  }

  get cells(): readonly Cell[] {
    return [...this.actors.values()].flatMap((actor) => actor.cells);
  }

  /** Who is there has changed. */
  forget(): void {
    this.#listeners.clear();
    this.onChange();
  }

  /** Called when others have to forget whom a name meant. */
  onChange: () => void = () => undefined;

  /** The actors that listen to a topic, in the order of the flow; a text when it is none. */
  listenersOf(topic: string): readonly MessageActor[] | string {
    const known = this.#listeners.get(topic);
    if (known !== undefined) return known;
    const read = readKeyExpression(topic);
    if (!read.ok) return `Cannot publish to '${topic}': it ${read.reason}`;
    const listeners = [...this.actors.values()].filter(({ subscribe }) =>
      subscribe.some((expression) => intersects(expression, read.key))
    );
    if (this.#listeners.size >= TOPICS_KNOWN_MAX) this.#listeners.clear();
    this.#listeners.set(topic, listeners);
    return listeners;
  }
}
