/**
 * Holds messages against what the flow says of its actors: the types that they emit and accept, and what those hold.
 *
 *   emits of its sender ──▶ delivery ──▶ accepts of each receiver
 *
 * An actor of which the flow says nothing may send and get anything, and so may the engine.
 */
import type { MessageSchema, Messaging } from "../../core/messaging.ts";

/** Says what is wrong with a payload, as a sentence; undefined when it is good. */
export type Judge = (payload: unknown) => string | undefined;

export interface CheckedActor {
  readonly name: string;
  readonly messaging: Messaging;
}

export interface CheckedMessage {
  readonly type: string;
  /** Gives the payload; only asked when it has to be known. */
  readonly read: () => unknown;
}

type Side = "accepts" | "emits";

/** Those who could not deliver or understand a message tell it by this type; nobody declares it. */
const REJECT = "Reject";

export class MessageChecks {
  readonly #compile: (schema: MessageSchema) => Judge;
  readonly #judges: Readonly<Record<Side, WeakMap<Messaging, ReadonlyMap<string, Judge>>>> = {
    accepts: new WeakMap(),
    emits: new WeakMap(),
  };

  /** `compile` is given schemas that are good ones. */
  constructor(compile: (schema: MessageSchema) => Judge) {
    this.#compile = compile;
  }

  /** Why an actor may not send a message; undefined when it may. */
  whyNotSent(actor: CheckedActor, message: CheckedMessage): string | undefined {
    const { name, messaging: { emits } } = actor;
    if (emits === undefined || message.type === REJECT) return undefined;
    if (emits.includes(message.type)) return this.#judge("emits", actor, message);
    return `Actor '${name}' does not say that it emits '${message.type}' (it emits ${listTypes(emits)})`;
  }

  /** Why an actor may not get a message; undefined when it may. What it has asked for itself it need not accept. */
  whyNotTaken(
    actor: CheckedActor,
    message: CheckedMessage,
    { isAwaited = false }: { readonly isAwaited?: boolean } = {},
  ): string | undefined {
    const { name, messaging: { accepts } } = actor;
    if (accepts === undefined || message.type === REJECT) return undefined;
    if (accepts.includes(message.type)) return this.#judge("accepts", actor, message);
    if (isAwaited) return undefined;
    return `Actor '${name}' does not say that it accepts '${message.type}' (it accepts ${
      listTypes(accepts)
    })`;
  }

  /** Why an actor may not get a record of a stream, whose type need not be declared. */
  whyNotRead(actor: CheckedActor, read: () => unknown): string | undefined {
    return this.whyNotTaken(actor, { type: actor.messaging.records, read }, { isAwaited: true });
  }

  #judge(side: Side, actor: CheckedActor, { type, read }: CheckedMessage): string | undefined {
    const problem = this.#judgesOf(side, actor.messaging)?.get(type)?.(read());
    return problem === undefined ? undefined : `'${type}' is not as '${actor.name}' ${side} it: ${problem}`;
  }

  #judgesOf(side: Side, messaging: Messaging): ReadonlyMap<string, Judge> | undefined {
    const { fields } = messaging;
    if (fields === undefined) return undefined;
    const known = this.#judges[side].get(messaging);
    if (known !== undefined) return known;
    const judges = new Map(
      Object.entries(fields[side]).map(([type, schema]) => [type, this.#compile(schema)] as const),
    );
    this.#judges[side].set(messaging, judges);
    return judges;
  }
}

function listTypes(types: readonly string[]): string {
  return types.length === 0 ? "nothing" : types.join(", ");
}
