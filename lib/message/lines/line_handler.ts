/**
 * What becomes of a line that an actor has written: a control line, or an envelope with somebody to go to.
 *
 *   ack, nack │ receiver │ correlation_id │ topic │ route │ else: a record of the actor's stream
 */
import type { EngineBase } from "../actors/engine_base.ts";
import { isUtf8 } from "node:buffer";
import { skipBlanks } from "../../data/json_scan.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import { type Line, MailMaker } from "../actors/mail_maker.ts";
import type { MailTarget } from "../actors/message_actor.ts";
import { processOf } from "../actors/process_of.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { HandlerResults } from "../handlers/handler_results.ts";
import { textOf } from "../mail/origins.ts";
import type { SystemActors } from "../system/system_actors.ts";
import {
  ACK,
  CORRELATION_ID,
  EnvelopeScanner,
  ERROR,
  FIELDS,
  HEADERS,
  MESSAGE_ID,
  NACK,
  NO_PAYLOAD,
  RECEIVER,
  ROUTE,
  SENDER_ACTOR,
  SENDER_KEY,
  TOPIC,
} from "../wire/envelope_scanner.ts";
import { writeEnvelope } from "../wire/envelope_writer.ts";
import { readExactly } from "../wire/exact_json.ts";
import type { Head } from "../wire/head_cache.ts";
import { BrokenLines } from "./broken_lines.ts";
import { ControlLines } from "./control_lines.ts";
import { readCurrentHop } from "./current_hop.ts";
import { LineAsks } from "./line_asks.ts";
import { LineChecks } from "./line_checks.ts";
import { LineDispatch } from "./line_dispatch.ts";
import { LineFailures } from "./line_failures.ts";

export interface LineContext extends
  Pick<
    EngineBase,
    "ids" | "origins" | "directory" | "streams" | "asks" | "endpoint" | "tracing" | "checks" | "now" | "tell"
  > {
  readonly delivery: Delivery;
  readonly system: SystemActors;
  readonly results: HandlerResults;
}

export class LineHandler {
  readonly #context: LineContext;
  readonly #scanner = new EnvelopeScanner();
  readonly #maker: MailMaker;
  readonly #control: ControlLines;
  readonly #asks: LineAsks;
  readonly #checks: LineChecks;
  readonly #dispatch: LineDispatch;
  readonly #failures: LineFailures;
  readonly broken: BrokenLines;

  constructor(context: LineContext) {
    this.#context = context;
    const scanned = { scanner: this.#scanner, maker: new MailMaker(context, this.#scanner) };
    this.#maker = scanned.maker;
    this.#control = new ControlLines(context, this.#scanner);
    const checks = this.#checks = new LineChecks({ checks: context.checks, ...scanned });
    this.#asks = new LineAsks({ ...context, ...scanned, checks });
    this.#dispatch = new LineDispatch({ ...context, ...scanned, checks, asks: this.#asks });
    this.#failures = new LineFailures({ ...context, ...scanned, dispatch: this.#dispatch });
    this.broken = new BrokenLines(context);
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
      const problem = isUtf8(line)
        ? this.#context.results.handle(process, { text: textOf(bytes, start, end), handler })
        : { kind: "not-utf8" } as const;
      return problem === undefined ? undefined : this.broken.note(process, { problem, line, isLast });
    }
    const problem = this.#scanner.scan(bytes, start, end);
    this.#maker.lineBytes = end - start;
    if (problem !== undefined) {
      return this.broken.note(process, { problem, line: bytes.subarray(start, end), isLast });
    }
    if (this.#scanner.isEscaped) return this.#handleEscaped(process, textOf(bytes, start, end));
    const { places } = this.#scanner;
    if ((places[ACK * 2] ?? -1) >= 0) return this.#control.acknowledge(process, { bytes, field: ACK });
    if ((places[NACK * 2] ?? -1) >= 0) return this.#control.refuse(process, { bytes, field: NACK });
    const sender = this.#isOne(process) ? process.address : this.#addressOf(process, bytes);
    if (sender === undefined) return;
    const line = { process, bytes, sender };
    const isHeeded = process.inFlight.heedsAnswers || this.#scanner.has(ERROR);
    if (isHeeded && (places[CORRELATION_ID * 2] ?? -1) >= 0) {
      this.#control.settleAnswered(process, { bytes, field: CORRELATION_ID });
    }
    if (this.#context.checks !== undefined && this.#refuses(line)) return;
    if ((places[RECEIVER * 2] ?? -1) >= 0) return this.#handleSend(line);
    if ((places[CORRELATION_ID * 2] ?? -1) >= 0) return this.#handleReply(line);
    if ((places[TOPIC * 2] ?? -1) >= 0) return this.#handlePublish(line);
    if ((places[ROUTE * 2] ?? -1) >= 0) return this.#handleRoute(line);
    this.#context.streams.write(process, this.#scanner.payload(bytes));
  }

  /** Somebody has written a key such as "mess\u0061ge": it is written as usual, and looked at again. */
  #handleEscaped(process: ActorProcess, text: string): void {
    // The scanner has found an object.
    const value = readExactly(text) as Readonly<Record<string, unknown>>;
    const known = Object.fromEntries(FIELDS.flatMap((key) => key in value ? [[key, value[key]]] : []));
    const bytes = new TextEncoder().encode(`${JSON.stringify(known)}\n`);
    this.handle(process, bytes, { start: 0, end: bytes.length - 1 });
  }

  /** True when the line that is scanned is its process's own. */
  #isOne({ cell: { actor } }: ActorProcess): boolean {
    return (this.#scanner.places[SENDER_KEY * 2] ?? -1) < 0 && actor.messaging.remote !== "any";
  }

  /** The address of the instance that wrote a line; one that does not live in the process cannot have. */
  #addressOf(process: ActorProcess, bytes: Uint8Array): string | undefined {
    // Whoever holds the connections has written it.
    if (process.cell.actor.messaging.remote === "any") return this.#maker.text(bytes, SENDER_ACTOR);
    const key = this.#maker.text(bytes, SENDER_KEY);
    const { actor, instances } = process.cell;
    if (instances === undefined) return process.address;
    if (instances.get(key) !== undefined) return `${actor.name}/${key}`;
    this.broken.note(process, {
      problem: "sender_key names no instance of this process",
      line: this.#scanner.raw(bytes, SENDER_KEY) ?? NO_PAYLOAD,
    });
    return undefined;
  }

  /** True when the flow does not say that its sender emits such a message: nobody gets it. */
  #refuses(line: Line): boolean {
    const reason = this.#checks.begin(line.process, line.bytes);
    if (reason === undefined) return false;
    const isAnswer = this.#scanner.has(CORRELATION_ID);
    const field = [RECEIVER, TOPIC].find((way) => this.#scanner.has(way));
    const receiver = field !== undefined
      ? this.#maker.text(line.bytes, field)
      : isAnswer
      ? this.#findAnswered(line).sender ?? ""
      : "";
    const head = this.#maker.makeHead(line, receiver, { kind: "nobody", name: receiver });
    if (isAnswer) this.#asks.refuseAnswer(line, reason);
    this.#dispatch.refuse(line, head, { code: "INVALID", reason, receiver });
    return true;
  }

  #handleSend(line: Line): void {
    const { process, bytes } = line;
    const make = (): Head<MailTarget> => this.#maker.makeHead(line, this.#maker.text(bytes, RECEIVER));
    const isInstance = process.cell.instances !== undefined || process.cell.actor.messaging.remote === "any";
    const head = isInstance ? make() : process.heads.find(bytes, this.#scanner, make);
    const { target } = head;
    const { places } = this.#scanner;
    const isPlain = !this.#context.delivery.giver.keepsCopies && (places[HEADERS * 2] ?? -1) < 0 &&
      (places[CORRELATION_ID * 2] ?? -1) < 0 &&
      (places[MESSAGE_ID * 2] ?? -1) < 0;
    if (isPlain && target.kind === "cell" && !this.#context.tracing.isOpen && target.cell.isSimple) {
      const receiver = processOf(target.cell.direct);
      const { cell } = target;
      if (receiver !== undefined) {
        if (this.#dispatch.refusesFor(line, { head, cell, address: cell.address })) return;
        return this.#handOver(receiver, { head, line });
      }
    }
    if ((places[CORRELATION_ID * 2] ?? -1) >= 0) {
      if (this.#asks.answer(line, { head, receiver: this.#maker.text(bytes, RECEIVER) })) return;
    }
    this.#dispatch.bring(line, head);
  }

  /** The short way: from the bytes of one process straight into those of the other. */
  #handOver(
    receiver: ActorProcess,
    { head, line: { process, bytes, sender } }: { readonly head: Head<MailTarget>; readonly line: Line },
  ): void {
    const { ids, origins, delivery, now } = this.#context;
    const number = ids.next();
    origins.note(number, sender);
    const { stdin: { bytes: out }, cell } = receiver;
    const before = out.length;
    writeEnvelope(out, { head: head.bytes, id: ids.bytes, line: bytes, scanner: this.#scanner });
    const { type } = head;
    receiver.inFlight.add(number, { bytes: out.length - before, now: now(), type, from: process });
    cell.taken += 1;
    delivery.outbox.unwritten.add(receiver);
  }

  /** An answer that names no receiver goes to whoever sent what it answers. */
  #handleReply(line: Line): void {
    const { streams } = this.#context;
    const { number, sender } = this.#findAnswered(line);
    if (sender === undefined && number >= 0 && !this.#scanner.has(ERROR)) {
      const reason = "Nobody remembers any more who sent what it answers";
      return this.#failures.refuse(line, { code: "NO_RECEIVER", reason });
    }
    if (sender === "" || sender === undefined) {
      if (this.#scanner.has(ERROR)) return this.#failures.fail(line);
      return streams.write(line.process, this.#scanner.payload(line.bytes));
    }
    const head = this.#maker.makeHead(line, sender);
    if (!this.#asks.answer(line, { head, receiver: sender })) this.#dispatch.bring(line, head);
  }

  /** Who sent what the line answers, if that is known, and the engine's number of it. */
  #findAnswered({ bytes }: Line): { readonly number: number; readonly sender: string | undefined } {
    const { origins, asks } = this.#context;
    const { places } = this.#scanner;
    const start = (places[CORRELATION_ID * 2] ?? 0) + 1;
    const end = (places[CORRELATION_ID * 2 + 1] ?? 0) - 1;
    const ask = asks.size === 0 ? undefined : asks.get(textOf(bytes, start, end));
    const number = origins.numberOf(bytes, start, end);
    return { number, sender: ask?.address ?? origins.senderOf(number) };
  }

  #handlePublish(line: Line): void {
    const topic = this.#maker.text(line.bytes, TOPIC);
    const listeners = this.#context.directory.listenersOf(topic);
    const isAlone = listeners.length === 0 && this.#asks.isAsk(line);
    if (typeof listeners === "string" || isAlone) {
      const head = this.#maker.makeHead(line, topic, { kind: "nobody", name: topic });
      const why = isAlone
        ? { code: "NO_ACTOR", reason: `Nobody listens to '${topic}'` } as const
        : { code: "BAD_TOPIC", reason: `${listeners}` } as const;
      return this.#dispatch.refuse(line, head, { ...why, receiver: topic });
    }
    this.#dispatch.bringToAll(line, listeners);
  }

  /** To the actor whose turn it is; past the end of the way to `happy-end`, with an error to `error-end`. */
  #handleRoute(line: Line): void {
    if (this.#scanner.has(ERROR)) return this.#failures.fail(line);
    const raw = this.#scanner.raw(line.bytes, ROUTE) ?? NO_PAYLOAD;
    const hop = readCurrentHop(JSON.parse(textOf(raw, 0, raw.length)));
    if (hop.to === "nowhere") {
      const reason = "Its route has no list of actors, or no place in it";
      return this.#failures.refuse(line, { code: "BAD_ROUTE", reason });
    }
    const name = hop.to === "actor" ? hop.name : "happy-end";
    const target = this.#context.directory.find(name);
    if (name === "happy-end" && target.kind === "nobody") {
      return this.#context.streams.write(line.process, this.#scanner.payload(line.bytes));
    }
    this.#dispatch.bring(line, this.#maker.makeHead(line, name, target));
  }
}
