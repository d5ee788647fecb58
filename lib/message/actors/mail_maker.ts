/**
 * Makes messages of scanned lines.
 */
import type { EngineBase } from "./engine_base.ts";
import type { ActorProcess } from "./actor_process.ts";
import type { EnvelopeScanner } from "../wire/envelope_scanner.ts";
import {
  CORRELATION_ID,
  MESSAGE_ID,
  MESSAGE_TYPE,
  PRIORITY,
  readPriority,
} from "../wire/envelope_scanner.ts";
import { writeEnvelope, writeHead } from "../wire/envelope_writer.ts";
import type { Head } from "../wire/head_cache.ts";
import type { Mail } from "../mail/mail.ts";
import { PRIORITY_NORMAL } from "../mail/mail.ts";
import type { MailTarget } from "./message_actor.ts";
import { textOf } from "../mail/origins.ts";
import { endpointIn } from "./remote_address.ts";
import { Slab } from "../../data/slab.ts";

/** A scanned line, and who wrote it. */
export interface Line {
  readonly process: ActorProcess;
  readonly bytes: Uint8Array;
  readonly sender: string;
}

type MakerContext = Pick<EngineBase, "ids" | "origins" | "directory" | "endpoint">;

const DEFAULT_TYPE = '"Message"';

/** What the keys that are written, and an identity, may add to a line. */
const ENVELOPE_BYTES = 256;

export class MailMaker {
  readonly #context: MakerContext;
  readonly #scanner: EnvelopeScanner;
  readonly #slab = new Slab();
  /** How long the line is that was scanned last. */
  lineBytes = 0;

  /** `scanner` is the one that scans the lines. */
  constructor(context: MakerContext, scanner: EnvelopeScanner) {
    this.#context = context;
    this.#scanner = scanner;
  }

  /** What the line has in common with others of its type from its sender to the receiver. */
  makeHead(
    { process, bytes, sender }: Line,
    receiver: string,
    target = this.#context.directory.find(receiver),
  ): Head<MailTarget> {
    const type = this.#rawType(bytes);
    const { remote } = process.cell.actor.messaging;
    const endpoint = remote === undefined
      ? this.#context.endpoint
      : remote === "any"
      ? endpointIn(sender)
      : remote.endpoint;
    return { bytes: writeHead({ type, receiver, sender, endpoint }), type: JSON.parse(type), target };
  }

  /** The type of the line that is scanned. */
  typeOf(bytes: Uint8Array): string {
    return JSON.parse(this.#rawType(bytes));
  }

  #rawType(bytes: Uint8Array): string {
    const raw = this.#scanner.raw(bytes, MESSAGE_TYPE);
    return raw === undefined ? DEFAULT_TYPE : textOf(raw, 0, raw.length);
  }

  /** Makes a message of the line. */
  makeMail(
    { process, bytes, sender }: Line,
    { head, key }: { readonly head: Head<MailTarget>; readonly key?: string | undefined },
  ): Mail {
    const { ids, origins } = this.#context;
    const { places } = this.#scanner;
    const number = ids.next();
    const own = this.#scanner.raw(bytes, MESSAGE_ID);
    const id = own === undefined ? undefined : this.text(bytes, MESSAGE_ID);
    origins.note(number, sender, id);
    // The parts of the line are written once each, and nothing else but its identity.
    const piece = this.#slab.withRoom(head.bytes.length + this.lineBytes + ENVELOPE_BYTES);
    const from = piece.end;
    const idBytes = own === undefined ? ids.bytes : own.subarray(1, -1);
    writeEnvelope(piece, { head: head.bytes, id: idBytes, line: bytes, scanner: this.#scanner });
    const priority = places[PRIORITY * 2] ?? -1;
    return {
      bytes: piece.bytes,
      start: from,
      end: piece.end,
      number,
      id,
      priority: priority < 0 ? PRIORITY_NORMAL : readPriority(bytes, priority, places[PRIORITY * 2 + 1] ?? 0),
      type: head.type,
      sender,
      from: process,
      key,
      isAnswer: this.#scanner.has(CORRELATION_ID),
      deliveries: 0,
    };
  }

  /** What a field with a string holds. */
  text(bytes: Uint8Array, field: number): string {
    const { places } = this.#scanner;
    const start = (places[field * 2] ?? 0) + 1;
    const end = (places[field * 2 + 1] ?? 0) - 1;
    const text = textOf(bytes, start, end);
    return text.includes("\\") ? JSON.parse(`"${text}"`) : text;
  }
}
