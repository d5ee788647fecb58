/**
 * Who talks to whom in messages, as far as the flow says it: what the owner of one actor has to know of the others.
 */
import type { KeyExpression } from "../core/key_expression.ts";
import { intersects, readKeyExpression } from "../core/key_expression.ts";
import type { ArchivedTalk } from "../core/archive.ts";
import type { Actor, Flow } from "../core/flow.ts";
import type { MessageSchema, MessageType, Messaging, Talk, Topic } from "../core/messaging.ts";

export interface ActorMessages {
  readonly actor: Actor;
  readonly messaging: Messaging;
  readonly accepts: readonly MessageType[];
  readonly emits: readonly MessageType[];
  readonly subscribes: readonly Topic[];
  readonly publishes: readonly Topic[];
}

interface Talker {
  readonly actor: Actor;
  readonly messaging: Messaging;
}

/** The message actors of a flow, in its order. */
export function listMessaging(flow: Flow): readonly ActorMessages[] {
  const talkers = [...flow.actors.values()].flatMap((actor): Talker[] =>
    actor.messaging === undefined ? [] : [{ actor, messaging: actor.messaging }]
  );
  const accepting = group(talkers, ({ accepts }) => accepts);
  const emitting = group(talkers, ({ emits }) => emits);
  const subscribing = topicsOf(talkers, ({ subscribe }) => subscribe);
  const publishing = topicsOf(talkers, ({ publish = [] }) => publish);
  return talkers.map(({ actor, messaging }) => ({
    actor,
    messaging,
    accepts: listTypes(messaging.accepts, { fields: messaging.fields?.accepts, partners: emitting }),
    emits: listTypes(messaging.emits, { fields: messaging.fields?.emits, partners: accepting }),
    subscribes: listTopics(messaging.subscribe, publishing),
    publishes: listTopics(messaging.publish ?? [], subscribing),
  }));
}

/** Who sends to whom, by all that the flow says: types, and topics. */
export function listTalks(flow: Flow): readonly Talk[] {
  const pairs = listMessaging(flow).flatMap(({ actor, emits, publishes }) => [
    ...emits.flatMap(({ type, partners }) => partners.map((to) => ({ from: actor.name, to, word: type }))),
    ...publishes.flatMap(({ topic, partners }) =>
      partners.map((to) => ({ from: actor.name, to, word: topic }))
    ),
  ]);
  return joinTalks(pairs);
}

/** The same of what was seen: an address is that of an actor, or of an instance of one by its key. */
export function listSeenTalks(flow: Flow, seen: readonly ArchivedTalk[]): readonly Talk[] {
  const actorOf = (address: string): string => {
    const slash = address.indexOf("/");
    return flow.actors.has(address) || slash === -1 ? address : address.slice(0, slash);
  };
  return joinTalks(
    seen.map(({ sender, receiver, messageType }) => ({
      from: actorOf(sender),
      to: actorOf(receiver),
      word: messageType,
    })),
  );
}

function joinTalks(
  pairs: readonly { readonly from: string; readonly to: string; readonly word: string }[],
): readonly Talk[] {
  const talks = new Map<string, { from: string; to: string; words: Set<string> }>();
  for (const { from, to, word } of pairs) {
    const key = JSON.stringify([from, to]);
    const known = talks.get(key);
    if (known === undefined) talks.set(key, { from, to, words: new Set([word]) });
    else known.words.add(word);
  }
  return [...talks.values()].map(({ from, to, words }) => ({ from, to, words: [...words] }));
}

function group(
  talkers: readonly Talker[],
  typesOf: (messaging: Messaging) => readonly string[] | undefined,
): ReadonlyMap<string, readonly string[]> {
  const actors = new Map<string, string[]>();
  for (const { actor, messaging } of talkers) {
    for (const type of new Set(typesOf(messaging))) {
      const known = actors.get(type);
      if (known === undefined) actors.set(type, [actor.name]);
      else known.push(actor.name);
    }
  }
  return actors;
}

function listTypes(
  types: readonly string[] = [],
  { fields = {}, partners }: {
    readonly fields: Readonly<Record<string, MessageSchema>> | undefined;
    readonly partners: ReadonlyMap<string, readonly string[]>;
  },
): readonly MessageType[] {
  return [...new Set(types)].map((type) => ({
    type,
    ...Object.hasOwn(fields, type) ? { fields: fields[type] } : {},
    partners: partners.get(type) ?? [],
  }));
}

interface NamedTopic {
  readonly actor: string;
  readonly key: KeyExpression;
}

function topicsOf(
  talkers: readonly Talker[],
  listOf: (messaging: Messaging) => readonly string[],
): readonly NamedTopic[] {
  return talkers.flatMap(({ actor, messaging }) =>
    listOf(messaging).flatMap((text) => {
      const read = readKeyExpression(text);
      return read.ok ? [{ actor: actor.name, key: read.key }] : [];
    })
  );
}

function listTopics(topics: readonly string[], others: readonly NamedTopic[]): readonly Topic[] {
  return topics.map((topic) => {
    const read = readKeyExpression(topic);
    const partners = others.filter(({ key }) => read.ok && intersects(read.key, key));
    return { topic, partners: [...new Set(partners.map(({ actor }) => actor))] };
  });
}
