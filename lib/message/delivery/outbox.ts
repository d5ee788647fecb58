/**
 * What is to be written to processes at the end of the turn: messages, and what the engine itself has to say.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Part } from "../../data/byte_buffer.ts";
import { formatEnvelope } from "../wire/envelope_writer.ts";
import type { Giving } from "../mail/flying.ts";
import type { Mail } from "../mail/mail.ts";
import { processOf } from "../actors/process_of.ts";
import type { Reply } from "../mail/reply.ts";

export type OutboxContext = Pick<EngineBase, "ids" | "endpoint" | "now">;

export class Outbox {
  readonly #context: OutboxContext;
  /** Processes for which something is to be written. */
  readonly unwritten = new Set<ActorProcess>();

  constructor(context: OutboxContext) {
    this.#context = context;
  }

  /** Bytes of a message for a process, which are written at the end of the turn. */
  write(
    process: ActorProcess,
    part: Part,
    { number, ...what }: { readonly number: number } & Omit<Giving, "bytes" | "now">,
  ): void {
    const now = this.#context.now();
    process.stdin.bytes.putPart(part);
    process.inFlight.add(number, { ...what, bytes: part.end - part.start, now });
    process.lastAt = now;
    process.mayAnswer = process.isRemote;
    this.unwritten.add(process);
  }

  /** A word of the engine itself to one process; `then` is called when it is acknowledged. */
  tellProcess(process: ActorProcess, type: string, message: unknown, then?: () => void): void {
    if (process.isRemote) return then?.(); // It knows nothing of engines.
    const number = this.#context.ids.next();
    const part = this.format({ type, receiver: process.address, sender: "$engine", message });
    this.write(process, part, { number, type, isWord: true, then });
  }

  /** An answer to a process that waits for it, past its mailbox. */
  answer(
    process: ActorProcess,
    { id, receiver, sender = "$engine", type = "Failure", message = null, error }: {
      readonly id: string;
      readonly receiver: string;
      readonly sender?: string;
      readonly type?: string;
      readonly message?: unknown;
      readonly error?: { readonly code: string; readonly message: string } | undefined;
    },
  ): void {
    if (!process.stdin.isOpen) return;
    const number = this.#context.ids.next();
    const part = this.format({ type, receiver, sender, correlationId: id, error, message });
    this.write(process, part, { number, type, isWord: true });
  }

  /** An answer of an actor of the engine to what a process has sent it. */
  reply({ from: sender, id, number, sender: receiver }: Mail, { from, type, message, error }: Reply): void {
    const process = processOf(sender);
    if (process === undefined) return;
    // Nobody waits for an answer to a message that he gave no identity; but who asks for something gets it.
    if (id === undefined && message !== null && type === "Ok") return;
    const named = id ?? this.#context.ids.text(number);
    this.answer(process, { id: named, receiver, sender: from, type, message, error });
  }

  /** An envelope of the engine with the newest number. */
  format({ type, receiver, sender, message, correlationId, error }: {
    readonly type: string;
    readonly receiver: string;
    readonly sender: string;
    readonly message: unknown;
    readonly correlationId?: string | undefined;
    readonly error?: { readonly code: string; readonly message: string } | undefined;
  }): Part {
    const bytes = formatEnvelope({
      message_type: type,
      receiver,
      sender_actor: sender,
      sender_endpoint: this.#context.endpoint,
      message_id: this.#context.ids.newest,
      correlation_id: correlationId,
      error,
      message,
    });
    return { bytes, start: 0, end: bytes.length };
  }
}
