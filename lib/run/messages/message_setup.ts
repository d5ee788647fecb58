/**
 * What the thread of messages has to know of actors.
 */
import type { Actor } from "../../core/flow.ts";
import { isMessageActor } from "../../core/flow.ts";
import { readKeyExpression } from "../../core/key_expression.ts";
import type { Plan } from "../../core/plan.ts";
import type { ActorSetup } from "../../message/actors/message_actor.ts";

/** Actors with an input wait for it when the start is lazy, and so does who is left to his first message. */
export function toSetup(
  { name, messaging, inputs }: Actor,
  { start }: Pick<Plan, "start">,
): ActorSetup | undefined {
  if (messaging === undefined) return undefined;
  const { supervisor } = messaging;
  const isLazy = messaging.remote === undefined && start === "lazy" && inputs.length > 0;
  const isVirtual = isLazy ||
    (supervisor.type === "singleton" && supervisor.idleMs !== undefined);
  const subscribe = messaging.subscribe.flatMap((text) => {
    const read = readKeyExpression(text);
    return read.ok ? read.key : [];
  });
  return { name, messaging, subscribe, isEager: !isVirtual };
}

/** An alias of a message actor's stream is another name of it. */
export function aliasesOf({ flow }: Plan): ReadonlyMap<string, readonly string[]> {
  const aliases = new Map<string, readonly string[]>();
  for (const [alias, streams] of flow.aliases) {
    const names = streams.map(({ actor }) => actor).filter((name) => isMessageActor(flow.actors.get(name)));
    if (names.length > 0) aliases.set(alias, [...new Set(names)]);
  }
  return aliases;
}
