/**
 * Messages that nobody handled and nobody ever will: they are failures of the run, told at its end by their kinds.
 */
import { LOSS_KINDS_MAX } from "../../core/limits/message.ts";
import type { Lost } from "../../core/messaging.ts";

/** What is lost because a mailbox is told to lose it is no failure. */
const WANTED: readonly string[] = ["MAILBOX_FULL", "DROPPED"];

export class Losses {
  readonly #byKind = new Map<string, Lost>();

  note(lost: Omit<Lost, "count">, count = 1): void {
    if (count === 0 || isWanted(lost.code)) return;
    // What is wrong with a message may differ: each is to be mended by itself.
    const own = lost.code === "INVALID" ? lost.reason : "";
    const kind = [lost.code, lost.sender, lost.messageType, lost.receiver, own].join("\0");
    const known = this.#byKind.get(kind);
    if (known !== undefined) this.#byKind.set(kind, { ...known, count: known.count + count });
    else if (this.#byKind.size < LOSS_KINDS_MAX) this.#byKind.set(kind, { ...lost, count });
    else this.#noteOther(count);
  }

  /** There are too many kinds: the rest is only counted. */
  #noteOther(count: number): void {
    const { count: others = 0 } = this.#byKind.get("") ?? {};
    const reason = "there are too many kinds to tell them apart";
    this.#byKind.set("", {
      code: "OTHERS",
      sender: "",
      messageType: "",
      receiver: "",
      reason,
      count: others + count,
    });
  }

  get list(): readonly Lost[] {
    return [...this.#byKind.values()];
  }
}

/** Its receiver's mailbox is told to turn it away. */
export function isWanted(code: string): boolean {
  return WANTED.includes(code);
}
