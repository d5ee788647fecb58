/**
 * Acknowledgements: what actors write about the messages that they were given.
 */
import type { ActorProcess } from "./actor_process.ts";
import type { Delivery } from "./delivery.ts";
import type { EnvelopeScanner } from "./envelope_scanner.ts";
import type { Origins } from "./origins.ts";

interface ControlContext {
  readonly origins: Origins;
  readonly delivery: Delivery;
  readonly now: () => number;
}

/** The field of a line that holds the identity of a message. */
interface Named {
  readonly bytes: Uint8Array;
  readonly field: number;
}

export class ControlLines {
  readonly #context: ControlContext;
  readonly #scanner: EnvelopeScanner;

  /** `scanner` is the one that scans the lines. */
  constructor(context: ControlContext, scanner: EnvelopeScanner) {
    this.#context = context;
    this.#scanner = scanner;
  }

  /** `field` of the line just scanned names a message that was handled. */
  acknowledge(process: ActorProcess, { bytes, field }: Named): void {
    const number = this.#numberIn(bytes, field);
    const { now, delivery } = this.#context;
    if (number < 0 || !process.acknowledge(number, now())) return;
    this.#settle(process, number);
    delivery.dirty.add(process.cell);
  }

  /** It names one that could not be handled. */
  refuse(process: ActorProcess, { bytes, field }: Named): void {
    const number = this.#numberIn(bytes, field);
    const { now, delivery } = this.#context;
    if (number < 0 || !process.acknowledge(number, now())) return;
    const mail = process.unhandled.remove((other) => other.number === number);
    if (mail !== undefined) delivery.giveBack(process.cell, mail);
    delivery.dirty.add(process.cell);
  }

  /** It names one that was answered, which says as well that it was handled. */
  settleAnswered(process: ActorProcess, { bytes, field }: Named): void {
    this.#settle(process, this.#numberIn(bytes, field));
  }

  /** A message that is delivered at least once was handled. */
  #settle(process: ActorProcess, number: number): void {
    if (process.unhandled.length === 0) return;
    const mail = process.unhandled.remove((other) => other.number === number);
    if (mail !== undefined) this.#context.delivery.settle(mail);
  }

  #numberIn(bytes: Uint8Array, field: number): number {
    const { places } = this.#scanner;
    // Without the quotes.
    return this.#context.origins.numberOf(
      bytes,
      (places[field * 2] ?? 0) + 1,
      (places[field * 2 + 1] ?? 0) - 1,
    );
  }
}
