/**
 * Holds the lines of actors against what the flow says that they emit, and what their receivers accept. Only there when
 * that is asked for.
 */
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Line, MailMaker } from "../actors/mail_maker.ts";
import type { CheckedActor, CheckedMessage, MessageChecks } from "../checks/message_checks.ts";
import { textOf } from "../mail/origins.ts";
import {
  CORRELATION_ID,
  type EnvelopeScanner,
  ERROR,
  MESSAGE_TYPE,
  RECEIVER,
  ROUTE,
  TOPIC,
} from "../wire/envelope_scanner.ts";

export interface LineChecksContext {
  readonly checks: MessageChecks | undefined;
  /** Of the line that is scanned. */
  readonly maker: MailMaker;
  readonly scanner: EnvelopeScanner;
}

const DOLLAR = 0x24;

/** By these a message has somebody to go to; what has none is a record. */
const WAYS = [RECEIVER, CORRELATION_ID, TOPIC, ROUTE];

export class LineChecks {
  readonly #context: LineChecksContext;
  #read: { readonly payload: unknown } | undefined;
  /** The type of the last line, and how it was written: that of the next one is the same as a rule. */
  #last: { readonly raw: Uint8Array; readonly type: string } | undefined;

  constructor(context: LineChecksContext) {
    this.#context = context;
  }

  /**
   * A new line was scanned: why its sender may not send it, if so. An error, and what is for the engine, is not what an
   * actor emits; nor is a record without a type.
   */
  begin(process: ActorProcess, bytes: Uint8Array): string | undefined {
    const { checks, scanner } = this.#context;
    this.#read = undefined;
    const { actor } = process.cell;
    if (checks === undefined || actor.messaging.emits === undefined) return undefined;
    if (scanner.has(ERROR) || bytes[(scanner.places[RECEIVER * 2] ?? -2) + 1] === DOLLAR) return undefined;
    if (!scanner.has(MESSAGE_TYPE) && !WAYS.some((field) => scanner.has(field))) return undefined;
    return checks.whyNotSent(actor, this.#message(bytes, this.#typeOf(bytes)));
  }

  /** Why an actor may not get the line that is scanned. `isAwaited`: it has asked for it. */
  whyNotTaken(
    actor: CheckedActor,
    { line: { bytes }, type, isAwaited = false }: {
      readonly line: Line;
      readonly type: string;
      readonly isAwaited?: boolean;
    },
  ): string | undefined {
    const { checks, scanner } = this.#context;
    if (checks === undefined || actor.messaging.accepts === undefined || scanner.has(ERROR)) return undefined;
    return checks.whyNotTaken(actor, this.#message(bytes, type), { isAwaited });
  }

  #typeOf(bytes: Uint8Array): string {
    const { maker, scanner } = this.#context;
    const raw = scanner.raw(bytes, MESSAGE_TYPE);
    if (raw === undefined) return maker.typeOf(bytes);
    if (this.#last === undefined || !isSame(raw, this.#last.raw)) {
      this.#last = { raw: raw.slice(), type: maker.typeOf(bytes) };
    }
    return this.#last.type;
  }

  #message(bytes: Uint8Array, type: string): CheckedMessage {
    return { type, read: () => (this.#read ??= { payload: this.#parse(bytes) }).payload };
  }

  #parse(bytes: Uint8Array): unknown {
    const raw = this.#context.scanner.payload(bytes);
    return JSON.parse(textOf(raw, 0, raw.length)) as unknown;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
