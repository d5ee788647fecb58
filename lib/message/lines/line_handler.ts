/**
 * What becomes of a line that an actor has written: a control line, or an envelope with somebody to go to.
 *
 *   ack, nack │ receiver │ correlation_id │ topic │ route │ else: a record of the actor's stream
 */
import { isUtf8 } from "node:buffer";
import { ASK_MS, ASK_MS_MAX, BROKEN_SHOWN_BYTES } from "../../core/limits/message.ts";
import type { Tracing } from "../../core/messaging.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import { findAskRing } from "../actors/asks.ts";
import type { Asks } from "../actors/asks.ts";
import type { Cell } from "../actors/cell.ts";
import { ControlLines } from "./control_lines.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Directory } from "../actors/directory.ts";
import type { LineProblem } from "../wire/envelope_scanner.ts";
import {
  ACK,
  CORRELATION_ID,
  EnvelopeScanner,
  ERROR,
  FIELDS,
  HEADERS,
  MESSAGE,
  MESSAGE_ID,
  NACK,
  RECEIVER,
  ROUTE,
  SENDER_KEY,
  TOPIC,
} from "../wire/envelope_scanner.ts";
import { writeEnvelope } from "../wire/envelope_writer.ts";
import { readExactly } from "../wire/exact_json.ts";
import type { HandlerResults } from "../handlers/handler_results.ts";
import type { Head } from "../wire/head_cache.ts";
import { skipBlanks } from "../../data/json_scan.ts";
import { describeProblem } from "./line_problem.ts";
import { LineFailures } from "./line_failures.ts";
import type { Mail } from "../mail/mail.ts";
import type { Line } from "../actors/mail_maker.ts";
import { MailMaker } from "../actors/mail_maker.ts";
import type { Undelivered } from "../mail/mail_teller.ts";
import type { MessageActor, Target } from "../actors/message_actor.ts";
import type { MessageIds } from "../wire/message_ids.ts";
import type { MessageReport } from "../mail/message_report.ts";
import type { Origins } from "../mail/origins.ts";
import { textOf } from "../mail/origins.ts";
import { pointTo } from "../wire/point_to.ts";
import { processOf } from "../actors/process_of.ts";
import type { Streams } from "../actors/streams.ts";
import type { SystemActors } from "../system/system_actors.ts";

export interface LineContext {
  readonly ids: MessageIds;
  readonly origins: Origins;
  readonly directory: Directory;
  readonly delivery: Delivery;
  readonly asks: Asks;
  readonly system: SystemActors;
  readonly results: HandlerResults;
  readonly streams: Streams;
  readonly endpoint: string;
  readonly tracing: Tracing;
  readonly now: () => number;
  readonly tell: (report: MessageReport) => void;
}

export class LineHandler {
  readonly #context: LineContext;
  readonly #scanner = new EnvelopeScanner();
  readonly #maker: MailMaker;
  readonly #control: ControlLines;
  readonly #failures: LineFailures;

  constructor(context: LineContext) {
    this.#context = context;
    this.#maker = new MailMaker(context, this.#scanner);
    this.#failures = new LineFailures({ ...context, maker: this.#maker, scanner: this.#scanner });
    this.#control = new ControlLines(context, this.#scanner);
  }

  /** Handles the line from `start` to `end`, where its line break is. */
  handle(
    process: ActorProcess,
    bytes: Uint8Array,
    { start, end }: { readonly start: number; readonly end: number },
  ): void {
    if (skipBlanks(bytes, start) >= end) return; // A blank line is nothing.
    process.lines += 1;
    const isLast = end + 1 === bytes.length;
    const { handler } = process.cell.actor.messaging;
    if (handler !== undefined) {
      const line = bytes.subarray(start, end);
      if (!isUtf8(line)) {
        return this.breakOff(process, { problem: { kind: "not-utf8" }, line, isLast });
      }
      const text = textOf(bytes, start, end);
      const wrong = this.#context.results.handle(process, { text, handler });
      if (wrong === undefined) return;
      return this.breakOff(process, { problem: wrong, line, isLast });
    }
    const problem = this.#scanner.scan(bytes, start, end);
    this.#maker.lineBytes = end - start;
    if (problem !== undefined) {
      return this.breakOff(process, { problem, line: bytes.subarray(start, end), isLast });
    }
    if (this.#scanner.isEscaped) return this.#handleEscaped(process, textOf(bytes, start, end));
    const { places } = this.#scanner;
    if ((places[ACK * 2] ?? -1) >= 0) return this.#control.acknowledge(process, { bytes, field: ACK });
    if ((places[NACK * 2] ?? -1) >= 0) return this.#control.refuse(process, { bytes, field: NACK });
    const sender = (places[SENDER_KEY * 2] ?? -1) < 0 ? process.address : this.#addressOf(process, bytes);
    if (sender === undefined) return;
    const line = { process, bytes, sender };
    const isHeeded = process.inFlight.heedsAnswers || this.#scanner.has(ERROR);
    if (isHeeded && (places[CORRELATION_ID * 2] ?? -1) >= 0) {
      this.#control.settleAnswered(process, { bytes, field: CORRELATION_ID });
    }
    if ((places[RECEIVER * 2] ?? -1) >= 0) return this.#handleSend(line);
    if ((places[CORRELATION_ID * 2] ?? -1) >= 0) return this.#handleReply(line);
    if ((places[TOPIC * 2] ?? -1) >= 0) return this.#handlePublish(line);
    if ((places[ROUTE * 2] ?? -1) >= 0) return this.#handleRoute(line);
    this.#context.streams.write(process, this.#scanner.raw(bytes, MESSAGE) ?? NULL);
  }

  /** A line that is no envelope: it is told, ever more seldom. */
  breakOff(
    process: ActorProcess,
    { problem: wrong, line, isLast = false }: {
      readonly problem: LineProblem | string;
      readonly line: Uint8Array;
      readonly isLast?: boolean;
    },
  ): void {
    const problem = describeProblem(wrong, { isCut: isLast && process.isTorn });
    const isHandler = process.cell.actor.messaging.handler !== undefined;
    if (isHandler && this.#context.results.refuse(process, { line, problem })) return;
    const count = (process.broken.get(problem) ?? 0) + 1;
    process.broken.set(problem, count);
    if ((count & (count - 1)) !== 0) return;
    const text = new TextDecoder().decode(line.subarray(0, BROKEN_SHOWN_BYTES));
    const shown = line.length > BROKEN_SHOWN_BYTES ? `${text}…` : text;
    this.#context.tell({ type: "broken", actor: process.cell.actor.name, problem, line: shown, count });
  }

  /** Somebody has written a key such as "mess\u0061ge": it is written as usual, and looked at again. */
  #handleEscaped(process: ActorProcess, text: string): void {
    // The scanner has found an object.
    const value = readExactly(text) as Readonly<Record<string, unknown>>;
    const known = Object.fromEntries(FIELDS.flatMap((key) => key in value ? [[key, value[key]]] : []));
    const bytes = new TextEncoder().encode(`${JSON.stringify(known)}\n`);
    this.handle(process, bytes, { start: 0, end: bytes.length - 1 });
  }

  /** The address of the instance that wrote a line; one that does not live in the process cannot have. */
  #addressOf(process: ActorProcess, bytes: Uint8Array): string | undefined {
    const key = this.#maker.text(bytes, SENDER_KEY);
    const { actor, instances } = process.cell;
    if (instances === undefined) return process.address;
    if (instances.get(key) !== undefined) return `${actor.name}/${key}`;
    this.breakOff(process, {
      problem: "sender_key names no instance of this process",
      line: this.#scanner.raw(bytes, SENDER_KEY) ?? NULL,
    });
    return undefined;
  }

  #handleSend(line: Line): void {
    const { process, bytes } = line;
    const make = (): Head<Target> => this.#maker.makeHead(line, this.#maker.text(bytes, RECEIVER));
    const isInstance = process.cell.instances !== undefined;
    const head = isInstance ? make() : process.heads.find(bytes, this.#scanner, make);
    const { target } = head;
    const { places } = this.#scanner;
    const isPlain = !this.#context.delivery.giver.keepsCopies && (places[HEADERS * 2] ?? -1) < 0 &&
      (places[CORRELATION_ID * 2] ?? -1) < 0 &&
      (places[MESSAGE_ID * 2] ?? -1) < 0;
    if (isPlain && target.kind === "cell" && this.#context.tracing === "off" && target.cell.isSimple) {
      const receiver = processOf(target.cell.direct);
      if (receiver !== undefined) return this.#handOver(receiver, { head, line });
    }
    if ((places[CORRELATION_ID * 2] ?? -1) >= 0 && !this.#context.asks.isUnused) {
      if (this.#answer(line, { head, receiver: this.#maker.text(bytes, RECEIVER) })) return;
    }
    this.#dispatch(line, head);
  }

  /** The short way: from the bytes of one process straight into those of the other. */
  #handOver(
    receiver: ActorProcess,
    { head, line: { process, bytes, sender } }: { readonly head: Head<Target>; readonly line: Line },
  ): void {
    const { ids, origins, delivery, now } = this.#context;
    const number = ids.next();
    origins.note(number, sender);
    const { out, cell } = receiver;
    const before = out.length;
    writeEnvelope(out, { head: head.bytes, id: ids.bytes, line: bytes, scanner: this.#scanner });
    const { type } = head;
    receiver.inFlight.add(number, { bytes: out.length - before, now: now(), type, from: process });
    cell.taken += 1;
    delivery.outbox.unwritten.add(receiver);
  }

  /** Brings the line to whoever is meant. */
  #dispatch(line: Line, head: Head<Target>): void {
    const { system } = this.#context;
    const { target } = head;
    switch (target.kind) {
      case "cell":
        return this.#deliver(line, { head, cell: target.cell });
      case "keyed": {
        const key = target.key ?? this.#keyOf(line, target.actor);
        const { name } = target.actor;
        if (key !== undefined) {
          const named = target.key === undefined
            ? this.#maker.makeHead(line, `${name}/${key}`, target)
            : head;
          return this.#deliver(line, { head: named, cell: target.actor.cellOf(key), key });
        }
        const reason = `Actor '${name}' is keyed, and the message has no key`;
        return this.#refuse(line, head, { code: "NO_KEY", reason, receiver: name });
      }
      case "several":
        for (const actor of target.actors) {
          this.#dispatch(line, this.#maker.makeHead(line, actor.name, actor.target));
        }
        return;
      case "system":
        return system.handle({ ...this.#maker.makeMail(line, { head }), isAsk: this.#isAsk(line) }, {
          name: target.name,
          payload: this.#scanner.raw(line.bytes, MESSAGE) ?? NULL,
        });
      case "nobody":
        return this.#refuse(line, head, {
          code: "NO_ACTOR",
          reason: `Actor '${target.name}' not found`,
          receiver: target.name,
        });
    }
  }

  /** There is nobody to give it to: who waits for an answer gets that, anybody else gets it back. */
  #refuse(line: Line, head: Head<Target>, why: Undelivered): void {
    const { delivery } = this.#context;
    const mail = this.#maker.makeMail(line, { head });
    if (!this.#isAsk(line)) return delivery.reject(mail, why);
    const code = why.code === "NO_ACTOR" ? "NO_ACTOR" : "REJECTED";
    delivery.outbox.answer(line.process, {
      id: mail.id ?? "",
      receiver: line.sender,
      error: { code, message: why.reason },
    });
  }

  #deliver(
    line: Line,
    { head, cell, key }: { readonly head: Head<Target>; readonly cell: Cell; readonly key?: string },
  ): void {
    const { delivery } = this.#context;
    const instanceKey = cell.instances === undefined ? undefined : key;
    const mail = this.#maker.makeMail(line, { head, key: instanceKey });
    const askMs = this.#askMs(line.bytes);
    const isAsk = askMs !== undefined && mail.id !== undefined;
    if (isAsk && !this.#ask(line, { mail, cell, askMs })) return;
    const sent = isAsk ? { ...mail, isAsk } : mail;
    delivery.trace("sent", sent, cell.address);
    delivery.offer(cell, sent);
  }

  /** Notes a request. False when it closes a ring: then it is answered already. */
  #ask(
    line: Line,
    { mail, cell, askMs }: { readonly mail: Mail; readonly cell: Cell; readonly askMs: number },
  ): boolean {
    const { asks, delivery, now, tell } = this.#context;
    const { process, sender } = line;
    const id = mail.id ?? "";
    const ring = findAskRing(asks, process, cell);
    if (ring !== undefined) {
      tell({ type: "ask-ring", ring });
      const message = `Actors wait for each other's answers: ${ring.join(" → ")}`;
      delivery.outbox.answer(process, { id, receiver: sender, error: { code: "DEADLOCK", message } });
      return false;
    }
    asks.add({ id, asker: process, address: sender, cell, deadline: now() + askMs });
    return true;
  }

  /** True when the sender waits for an answer, and there is an identity that it can be known by. */
  #isAsk({ bytes }: Line): boolean {
    return this.#scanner.has(MESSAGE_ID) && this.#askMs(bytes) !== undefined;
  }

  /** How long the sender waits for an answer; undefined when it does not. */
  #askMs(bytes: Uint8Array): number | undefined {
    const raw = this.#scanner.raw(bytes, HEADERS);
    if (raw === undefined) return undefined;
    const { ask }: { readonly ask?: unknown } = JSON.parse(textOf(raw, 0, raw.length));
    if (ask === undefined || ask === null || ask === false) return undefined;
    return typeof ask === "number" && ask > 0 ? Math.min(ask, ASK_MS_MAX) : ASK_MS;
  }

  /** Brings the answer of a request straight to who waits for it, once. False when it answers no request. */
  #answer(
    line: Line,
    { head, receiver }: { readonly head: Head<Target>; readonly receiver: string },
  ): boolean {
    const { asks, delivery } = this.#context;
    const id = this.#maker.text(line.bytes, CORRELATION_ID);
    const ask = asks.get(id);
    if (ask === undefined) {
      if (!asks.isSettled(id, receiver)) return false;
      const reason = `The request of '${receiver}' was answered already`;
      delivery.drop(this.#maker.makeMail(line, { head }), { code: "ANSWERED", reason, receiver });
      return true;
    }
    asks.remove(ask);
    if (ask.asker.isClosed) return true;
    const mail = this.#maker.makeMail(line, { head });
    delivery.trace("sent", mail, ask.address);
    delivery.outbox.write(ask.asker, mail, {
      number: mail.number,
      id: mail.id,
      type: mail.type,
      isWord: true,
    });
    delivery.trace("delivered", mail, ask.address);
    return true;
  }

  /** An answer that names no receiver goes to whoever sent what it answers. */
  #handleReply(line: Line): void {
    const { origins, streams, asks } = this.#context;
    const { places } = this.#scanner;
    const start = (places[CORRELATION_ID * 2] ?? 0) + 1;
    const end = (places[CORRELATION_ID * 2 + 1] ?? 0) - 1;
    const ask = asks.size === 0 ? undefined : asks.get(textOf(line.bytes, start, end));
    const number = origins.numberOf(line.bytes, start, end);
    const sender = ask?.address ?? origins.senderOf(number);
    if (sender === undefined && number >= 0) {
      const reason = "Nobody remembers any more who sent what it answers";
      return this.#failures.refuse(line, { code: "NO_RECEIVER", reason });
    }
    if (sender === "" || sender === undefined) {
      if (this.#scanner.has(ERROR)) return this.#fail(line);
      return streams.write(line.process, this.#scanner.raw(line.bytes, MESSAGE) ?? NULL);
    }
    const head = this.#maker.makeHead(line, sender);
    if (asks.isUnused || !this.#answer(line, { head, receiver: sender })) this.#dispatch(line, head);
  }

  #handlePublish(line: Line): void {
    const topic = this.#maker.text(line.bytes, TOPIC);
    const listeners = this.#context.directory.listenersOf(topic);
    const isAlone = listeners.length === 0 && this.#isAsk(line);
    if (typeof listeners === "string" || isAlone) {
      const head = this.#maker.makeHead(line, topic, { kind: "nobody", name: topic });
      const why = isAlone
        ? { code: "NO_ACTOR", reason: `Nobody listens to '${topic}'` } as const
        : { code: "BAD_TOPIC", reason: `${listeners}` } as const;
      return this.#refuse(line, head, { ...why, receiver: topic });
    }
    for (const actor of listeners) this.#dispatch(line, this.#maker.makeHead(line, actor.name, actor.target));
  }

  /** To the actor whose turn it is; past the end of the way to `happy-end`, with an error to `error-end`. */
  #handleRoute(line: Line): void {
    const raw = this.#scanner.raw(line.bytes, ROUTE) ?? NULL;
    const route: { readonly actors?: unknown; readonly current?: unknown } = JSON.parse(
      textOf(raw, 0, raw.length),
    );
    const current = route.current ?? 0;
    const isWell = Array.isArray(route.actors) && typeof current === "number" && Number.isInteger(current) &&
      current >= 0;
    const next: unknown = Array.isArray(route.actors) && isWell ? route.actors[current] : undefined;
    if (this.#scanner.has(ERROR)) return this.#fail(line);
    if (!isWell) {
      const reason = "Its route has no list of actors, or no place in it";
      return this.#failures.refuse(line, { code: "BAD_ROUTE", reason });
    }
    const name = typeof next === "string" ? next : "happy-end";
    const target = this.#context.directory.find(name);
    if (name === "happy-end" && target.kind === "nobody") {
      return this.#context.streams.write(line.process, this.#scanner.raw(line.bytes, MESSAGE) ?? NULL);
    }
    this.#dispatch(line, this.#maker.makeHead(line, name, target));
  }

  /** What the line answers has failed. */
  #fail(line: Line): void {
    const head = this.#failures.fail(line);
    if (head !== undefined) this.#dispatch(line, head);
  }

  /** The key of a message, by its actor's pointer. */
  #keyOf({ bytes }: Line, { messaging: { supervisor } }: MessageActor): string | undefined {
    if (supervisor.type !== "keyed" || supervisor.key === undefined) return undefined;
    const raw = this.#scanner.raw(bytes, MESSAGE);
    return raw === undefined ? undefined : pointTo(readExactly(textOf(raw, 0, raw.length)), supervisor.key);
  }
}

const NULL = new TextEncoder().encode("null");
