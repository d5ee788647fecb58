/**
 * Makes messages of the records that come to an actor over its input.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import { Buffer } from "node:buffer";
import type { CellActor } from "../actors/cell.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { writeRecord } from "../wire/envelope_writer.ts";
import { land, readPayload } from "../actors/landings.ts";
import type { Feed } from "../actors/feed.ts";
import type { Mail } from "../mail/mail.ts";
import type { MessageActor } from "../actors/message_actor.ts";
import { PRIORITY_NORMAL } from "../mail/mail.ts";
import { describeTooLong } from "../mail/too_long.ts";
import { textOf } from "../mail/origins.ts";
import { readRecord, skipMark } from "./record.ts";
import type { LinkIo } from "../lives/link_io.ts";
import { Slab } from "../../data/slab.ts";

interface FeedContext extends Pick<EngineBase, "ids" | "origins" | "endpoint" | "checks"> {
  readonly delivery: Delivery;
}

const encoder = new TextEncoder();

export class FeedReader {
  readonly #context: FeedContext;
  readonly #linkIo: LinkIo;
  readonly #slab = new Slab();

  constructor(context: FeedContext, linkIo: LinkIo) {
    this.#context = context;
    this.#linkIo = linkIo;
  }

  read(feed: Feed): void {
    this.#linkIo.read(feed, {
      lineBytesMax: feed.actor.messaging.lineBytesMax,
      onLine: (bytes, start, end) => {
        feed.records += 1;
        if (feed.records <= (feed.skipped ?? 0)) return;
        const from = feed.records === 1 ? skipMark(bytes, start) : start;
        const payload = readRecord(bytes, from, end);
        if (payload === undefined) return this.#refuse(feed, bytes.subarray(from, end));
        for (const actor of feed.actors) this.give(actor, payload, feed);
      },
      onTooLong: (line) => this.#handleTooLong(feed, line),
    });
  }

  /** Puts a record into the mailbox of an actor; `from` is held up when there is no room. */
  give(actor: MessageActor, payload: Uint8Array, from?: Feed): void {
    const { delivery, checks } = this.#context;
    const landing = land(actor.target, () => readPayload(payload));
    if (landing.kind === "no-key") {
      const mail = this.#makeMail(from, { actor, receiver: actor.name, payload });
      const reason = `Actor '${actor.name}' is keyed, and the record has no key`;
      return delivery.reject(mail, { code: "NO_KEY", reason, receiver: actor.name });
    }
    const { cell, address: receiver, instance: key } = landing;
    const mail = this.#makeMail(from, { actor, receiver, payload, key });
    const problem = checks?.whyNotRead(actor, () => JSON.parse(textOf(payload, 0, payload.length)));
    if (problem !== undefined) return delivery.reject(mail, { code: "INVALID", reason: problem, receiver });
    delivery.trace("sent", mail, receiver);
    delivery.offer(cell, mail);
  }

  #makeMail(
    from: Feed | undefined,
    { actor, receiver, payload, key }: {
      readonly actor: CellActor;
      readonly receiver: string;
      readonly payload: Uint8Array;
      readonly key?: string | undefined;
    },
  ): Mail {
    const { ids, origins, endpoint } = this.#context;
    const number = ids.next();
    origins.note(number, "");
    const type = actor.messaging.records;
    const piece = this.#slab.withRoom(payload.length + 512 + receiver.length + type.length);
    const start = piece.end;
    writeRecord(piece, { type, receiver, endpoint, id: ids.bytes, payload });
    const { bytes, end } = piece;
    const record = from?.skipped === undefined ? {} : { record: from.records };
    return {
      ...record,
      bytes,
      start,
      end,
      number,
      priority: PRIORITY_NORMAL,
      type,
      sender: "",
      from,
      key,
      deliveries: 0,
    };
  }

  /** A record that is no UTF-8 can be no message; whoever gets dead letters has its bytes. */
  #refuse(feed: Feed, line: Uint8Array): void {
    const payload = encoder.encode(JSON.stringify({ base64: Buffer.from(line).toString("base64") }));
    const mail = this.#makeMail(feed, { actor: feed.actor, receiver: feed.actor.name, payload });
    const reason = `Record ${feed.records} is no UTF-8`;
    this.#context.delivery.reject(mail, { code: "NOT_UNDERSTOOD", reason, receiver: feed.actor.name });
  }

  #handleTooLong(feed: Feed, line: Uint8Array): void {
    const payload = encoder.encode(JSON.stringify(new TextDecoder().decode(line.subarray(0, 200))));
    const mail = this.#makeMail(feed, { actor: feed.actor, receiver: feed.actor.name, payload });
    const reason = `A record ${describeTooLong(feed.actor)}`;
    this.#context.delivery.reject(mail, { code: "NOT_UNDERSTOOD", reason, receiver: feed.actor.name });
  }
}
