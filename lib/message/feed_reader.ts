/**
 * Makes messages of the records that come to an actor over its input.
 */
import type { Cell } from "./cell.ts";
import type { Delivery } from "./delivery.ts";
import { writeRecord } from "./envelope_writer.ts";
import type { Feed } from "./feed.ts";
import { recordPayload } from "./feed.ts";
import type { Mail } from "./mail.ts";
import { PRIORITY_NORMAL } from "./mail.ts";
import type { MessageIds } from "./message_ids.ts";
import type { Origins } from "./origins.ts";
import { pointTo } from "./point_to.ts";
import type { ProcessIo } from "./process_io.ts";
import { Slab } from "./slab.ts";

interface FeedContext {
  readonly ids: MessageIds;
  readonly origins: Origins;
  readonly delivery: Delivery;
  readonly endpoint: string;
}

export class FeedReader {
  readonly #context: FeedContext;
  readonly #processIo: ProcessIo;
  readonly #slab = new Slab();

  constructor(context: FeedContext, processIo: ProcessIo) {
    this.#context = context;
    this.#processIo = processIo;
  }

  read(feed: Feed): void {
    this.#processIo.read(feed, {
      fd: feed.fd,
      lineBytesMax: feed.actor.messaging.lineBytesMax,
      onLine: (bytes, start, end) => this.#handle(feed, recordPayload(bytes, start, end)),
      onTooLong: (line) => this.#handleTooLong(feed, line),
    });
  }

  #handle(feed: Feed, payload: Uint8Array): void {
    const { delivery } = this.#context;
    const { actor } = feed;
    feed.records += 1;
    if (feed.records <= feed.skipped) return;
    const { target } = actor;
    if (target.kind === "cell") return this.#send(feed, { cell: target.cell, payload });
    const { supervisor } = actor.messaging;
    const path = supervisor.type === "keyed" ? supervisor.key : undefined;
    const key = path === undefined ? undefined : pointTo(JSON.parse(new TextDecoder().decode(payload)), path);
    if (key !== undefined) return this.#send(feed, { cell: actor.cellOf(key), payload, key });
    const mail = this.#makeMail(feed, { receiver: actor.name, payload });
    const reason = `Actor '${actor.name}' is keyed, and the record has no key`;
    delivery.reject(mail, { code: "NO_KEY", reason, receiver: actor.name });
  }

  #send(
    feed: Feed,
    { cell, payload, key }: { readonly cell: Cell; readonly payload: Uint8Array; readonly key?: string },
  ): void {
    const receiver = key === undefined ? cell.address : `${cell.actor.name}/${key}`;
    const own = cell.instances === undefined ? undefined : key;
    const mail = this.#makeMail(feed, { receiver, payload, key: own });
    this.#context.delivery.trace("sent", mail, receiver);
    this.#context.delivery.offer(cell, mail);
  }

  #makeMail(
    feed: Feed,
    { receiver, payload, key }: {
      readonly receiver: string;
      readonly payload: Uint8Array;
      readonly key?: string | undefined;
    },
  ): Mail {
    const { ids, origins, endpoint } = this.#context;
    const number = ids.next();
    origins.note(number, "");
    const type = feed.actor.messaging.records;
    const piece = this.#slab.withRoom(payload.length + 512 + receiver.length + type.length);
    const start = piece.end;
    writeRecord(piece, { type, receiver, endpoint, id: ids.bytes, payload });
    const { bytes, end } = piece;
    return {
      record: feed.records,
      bytes,
      start,
      end,
      number,
      priority: PRIORITY_NORMAL,
      type,
      sender: "",
      from: feed,
      key,
      deliveries: 0,
    };
  }

  #handleTooLong(feed: Feed, line: Uint8Array): void {
    const { lineBytesMax } = feed.actor.messaging;
    const payload = new TextEncoder().encode(JSON.stringify(new TextDecoder().decode(line.subarray(0, 200))));
    const mail = this.#makeMail(feed, { receiver: feed.actor.name, payload });
    const reason = `A record is longer than ${lineBytesMax} bytes`;
    this.#context.delivery.reject(mail, { code: "NOT_UNDERSTOOD", reason, receiver: feed.actor.name });
  }
}
