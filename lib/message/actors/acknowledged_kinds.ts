/**
 * Which kinds of messages a process acknowledges. Many acknowledge what they were written for and say nothing about the
 * rest: answers, words of the engine, a type that they only take note of.
 *
 *   acknowledged once            all of its kind are waited for
 *   overtaken, never heard of    nothing of its kind is: an acknowledgement of what was given later came first
 *   an answer, never heard of    it is waited for only when the process acknowledges the engine's words as well
 */
import { ACKNOWLEDGED_KINDS_MAX } from "../../core/limits/message.ts";
import type { Flying } from "../mail/flying.ts";

/** The words of the engine are one kind. */
const WORD = "";

export class AcknowledgedKinds {
  readonly #heard = new Set<string>();
  readonly #silent = new Set<string>();
  #last: string | undefined;

  /** The process has acknowledged it. */
  hear(flying: Flying): void {
    const kind = kindOf(flying);
    if (kind === this.#last) return;
    this.#last = kind;
    if (this.#heard.size < ACKNOWLEDGED_KINDS_MAX) this.#heard.add(kind);
    this.#silent.delete(kind);
  }

  /** True when it has acknowledged one like this before. */
  hears(flying: Flying): boolean {
    return this.#heard.has(kindOf(flying));
  }

  /** True when it acknowledges what the engine itself says, which nobody has to: then it acknowledges everything. */
  get hearsWords(): boolean {
    return this.#heard.has(WORD);
  }

  /** True when the process is at work until it has acknowledged something; `newest` is the newest that it has. */
  awaitsAny(flyings: ReadonlyMap<number, Flying>, newest: number): boolean {
    for (const flying of flyings.values()) {
      if (flying.state === "open" && flying.order < newest) this.#overtake(kindOf(flying));
    }
    for (const flying of flyings.values()) if (this.isAwaited(flying)) return true;
    return false;
  }

  /** One was given before something that is acknowledged already. */
  #overtake(kind: string): void {
    if (!this.#heard.has(kind) && this.#silent.size < ACKNOWLEDGED_KINDS_MAX) this.#silent.add(kind);
  }

  /** True when the process is at work until it has acknowledged it. */
  isAwaited(flying: Flying): boolean {
    const { isOwed, isAnswer, state } = flying;
    const kind = kindOf(flying);
    if (state === "answered") return this.hearsWords && this.#heard.has(kind);
    if (this.#heard.has(kind)) return state !== "read";
    if (state !== "open") return false;
    return isOwed || !this.#silent.has(kind) && (!isAnswer || this.hearsWords);
  }
}

function kindOf({ isWord, type }: Flying): string {
  return isWord ? WORD : type;
}
