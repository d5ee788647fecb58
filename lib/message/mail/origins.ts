/**
 * Who sent which message: for a reply that names no receiver. Only the newest messages are remembered.
 */
import { ORIGINS_KNOWN } from "../../core/limits/message.ts";
import type { MessageIds } from "../wire/message_ids.ts";

export class Origins {
  readonly #ids: MessageIds;
  readonly #numbers = new Float64Array(ORIGINS_KNOWN);
  readonly #senders: string[] = new Array<string>(ORIGINS_KNOWN).fill("");
  /** Messages whose senders gave them an id of their own. */
  readonly #own = new Map<string, { readonly number: number; readonly sender: string }>();

  constructor(ids: MessageIds) {
    this.#ids = ids;
  }

  /** `sender` is empty for a record of a stream. */
  note(number: number, sender: string, id?: string): void {
    const place = number % ORIGINS_KNOWN;
    this.#numbers[place] = number;
    this.#senders[place] = sender;
    if (id === undefined) return;
    this.#own.set(id, { number, sender });
    if (this.#own.size <= ORIGINS_KNOWN) return;
    const [oldest] = this.#own.keys();
    if (oldest !== undefined) this.#own.delete(oldest);
  }

  /** The engine's number of the message with an id, given as bytes without quotes; -1 for one that is not known. */
  numberOf(bytes: Uint8Array, start: number, end: number): number {
    const number = this.#ids.parse(bytes, start, end);
    if (number >= 0 || this.#own.size === 0) return number;
    return this.#own.get(textOf(bytes, start, end))?.number ?? -1;
  }

  /** Who sent the message with a number; undefined when that is forgotten. */
  senderOf(number: number): string | undefined {
    const place = number % ORIGINS_KNOWN;
    return number >= 0 && this.#numbers[place] === number ? this.#senders[place] : undefined;
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The characters from `start` to `end`. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, end));
}
