/**
 * What is known of messages: their last steps, who talks to whom, and for how long they wait.
 */
import type { MailboxProgress } from "../../core/message_event.ts";
import type { RunEvent } from "../../core/event.ts";
import { formatMessageEvent } from "../text/message_text.ts";
import { Latencies } from "./latencies.ts";
import type { PageMailbox } from "./page_actor.ts";
import type { PageMessage, PageTalk, PageUndelivered } from "./page_run.ts";
import { PAGE_LIMITS } from "./page_run.ts";
import { Tail } from "./records.ts";

/** Messages of which it is remembered when they were sent, or given. */
const PENDING_MAX = 10_000;
const TALKS_MAX = 10_000;
const WORDS_MAX = 20;

interface Mail {
  readonly waits: Latencies;
  readonly handles: Latencies;
  dead: number;
  delivered: number;
  sent: number;
  progress: MailboxProgress | undefined;
}

export class MailModel {
  readonly messages = new Tail<PageMessage>(PAGE_LIMITS.messages);
  readonly undelivered = new Tail<PageUndelivered>(PAGE_LIMITS.undelivered);
  readonly #actorOf: (address: string) => string;
  readonly #mail = new Map<string, Mail>();
  readonly #changed = new Set<string>();
  readonly #sent = new Map<string, number>();
  readonly #given = new Map<string, number>();
  readonly #talks = new Map<string, { from: string; to: string; words: Set<string>; count: number }>();
  #number = 0;
  #haveTalksChanged = false;

  /** `actorOf` gives the actor of an address. */
  constructor(talks: readonly PageTalk[], actorOf: (address: string) => string) {
    this.#actorOf = actorOf;
    for (const { from, to, words, count = 0 } of talks) {
      this.#talks.set(JSON.stringify([from, to]), { from, to, words: new Set(words), count });
    }
  }

  note(event: RunEvent & { readonly type: "message" }): void {
    const { at, step, id, messageType, sender, receiver, correlationId, bytes } = event;
    const [from, to] = [this.#actorOf(sender), this.#actorOf(receiver)];
    this.#number += 1;
    this.messages.add({
      number: this.#number,
      at,
      step,
      id,
      type: messageType,
      sender,
      receiver,
      bytes,
      ...correlationId === undefined ? {} : { correlationId },
    });
    if (step === "sent") {
      remember(this.#sent, id, at);
      this.#mailOf(from).sent += 1;
      this.#noteTalk({ from, to, word: messageType });
      const given = correlationId === undefined ? undefined : this.#given.get(`${correlationId} ${from}`);
      if (given !== undefined) this.#mailOf(from).handles.add(at - given);
      return;
    }
    const mail = this.#mailOf(to);
    if (step === "dead") mail.dead += 1;
    else {
      mail.delivered += 1;
      const sentAt = this.#sent.get(id);
      if (sentAt !== undefined) mail.waits.add(at - sentAt);
      remember(this.#given, `${id} ${to}`, at);
    }
  }

  noteUndelivered(event: RunEvent & { readonly type: "message-dead" }): void {
    const { at, code, sender } = event;
    const actor = this.#actorOf(sender);
    const text = formatMessageEvent(event, { color: false }).trimEnd();
    this.undelivered.add({ at, code, text, ...actor === "" ? {} : { actor } });
  }

  noteMailboxes(actors: readonly MailboxProgress[]): void {
    for (const progress of actors) this.#mailOf(progress.actor).progress = progress;
  }

  /** What is known of the actors of which something has changed. */
  takeMailboxes(): readonly (readonly [string, PageMailbox])[] {
    const changed = [...this.#changed].map((actor) => [actor, this.#describe(actor)] as const);
    this.#changed.clear();
    return changed;
  }

  listTalks(): readonly PageTalk[] {
    return [...this.#talks.values()].map(({ words, count, ...talk }) => ({
      ...talk,
      words: [...words],
      ...count === 0 ? {} : { count },
    }));
  }

  /** Undefined when they are as they were. */
  takeTalks(): readonly PageTalk[] | undefined {
    if (!this.#haveTalksChanged) return undefined;
    this.#haveTalksChanged = false;
    return this.listTalks();
  }

  #describe(actor: string): PageMailbox {
    const { waits, handles, dead, delivered, sent, progress } = this.#mailOf(actor);
    const [waitP50Ms, waitP99Ms] = [waits.percentile(0.5), waits.percentile(0.99)];
    const [handleP50Ms, handleP99Ms] = [handles.percentile(0.5), handles.percentile(0.99)];
    return {
      messagesIn: progress?.messagesIn ?? delivered,
      messagesOut: progress?.messagesOut ?? sent,
      ...progress && { queued: progress.queued, size: progress.size, inHand: progress.inHand },
      ...progress?.instances === undefined ? {} : { instances: progress.instances },
      ...waitP50Ms === undefined ? {} : { waitP50Ms },
      ...waitP99Ms === undefined ? {} : { waitP99Ms },
      ...handleP50Ms === undefined ? {} : { handleP50Ms },
      ...handleP99Ms === undefined ? {} : { handleP99Ms },
      ...dead === 0 ? {} : { dead },
    };
  }

  #mailOf(actor: string): Mail {
    this.#changed.add(actor);
    const known = this.#mail.get(actor);
    if (known !== undefined) return known;
    const made: Mail = {
      waits: new Latencies(),
      handles: new Latencies(),
      dead: 0,
      delivered: 0,
      sent: 0,
      progress: undefined,
    };
    this.#mail.set(actor, made);
    return made;
  }

  #noteTalk(
    { from, to, word }: { readonly from: string; readonly to: string; readonly word: string },
  ): void {
    if (from === "" || from.startsWith("$") || to.startsWith("$")) return;
    const key = JSON.stringify([from, to]);
    const known = this.#talks.get(key);
    if (known === undefined && this.#talks.size >= TALKS_MAX) return;
    const talk = known ?? { from, to, words: new Set<string>(), count: 0 };
    this.#talks.set(key, talk);
    talk.count += 1;
    if (talk.words.size < WORDS_MAX) talk.words.add(word);
    this.#haveTalksChanged = true;
  }
}

/** The oldest are forgotten. */
function remember(map: Map<string, number>, key: string, at: number): void {
  map.set(key, at);
  if (map.size <= PENDING_MAX) return;
  for (const oldest of map.keys()) return void map.delete(oldest);
}
