/**
 * Holds what handlers make of messages against what the flow says of them, and of those who get it: all of it or none.
 */
import type { EngineBase } from "../actors/engine_base.ts";
import type { ActorProcess } from "../actors/actor_process.ts";
import { takersOf } from "../actors/landings.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Mail } from "../mail/mail.ts";
import { senderOf } from "./handled_mail.ts";
import { isAtEnd } from "./route_end.ts";
import type { HandlerError, Routed } from "./route_result.ts";

export interface HandlerChecksContext extends Pick<EngineBase, "checks" | "directory" | "asks"> {
  readonly delivery: Delivery;
}

/** What a handler has made of a message. */
export interface Results {
  /** What it was given. */
  readonly mail: Mail;
  /** What that is called in its line. */
  readonly id: string;
  readonly results: readonly Routed[];
  /** Answers for it where somebody waits for that, or gets what has failed. */
  readonly fail: (error: HandlerError) => void;
}

/** A result that is not as it should be. */
interface InvalidResult {
  readonly type: string;
  readonly receiver: string;
  readonly reason: string;
}

export class HandlerChecks {
  readonly #context: HandlerChecksContext;

  constructor(context: HandlerChecksContext) {
    this.#context = context;
  }

  /** True when a handler may not send one of its results, or its receiver may not get it: none is sent then. */
  refuse(process: ActorProcess, results: Results): boolean {
    const invalid = this.#findInvalid(process, results.results);
    if (invalid !== undefined) this.#tell(process, invalid, results);
    return invalid !== undefined;
  }

  #findInvalid({ cell }: ActorProcess, results: readonly Routed[]): InvalidResult | undefined {
    const { checks, directory } = this.#context;
    if (checks === undefined) return undefined;
    for (const { to, envelope: { message_type: type, message } } of results) {
      const receiver = to === "end" ? "happy-end" : to.actor;
      // Numbers that are kept as they were written are numbers here.
      const judged = { type, read: (): unknown => JSON.parse(JSON.stringify(message)) };
      const takers = takersOf(directory.find(receiver));
      const problems = [
        checks.whyNotSent(cell.actor, judged),
        ...takers.map((taker) =>
          checks.whyNotTaken(taker.kind === "cell" ? taker.cell.actor : taker.actor, judged)
        ),
      ];
      const reason = problems.find((problem) => problem !== undefined);
      if (reason !== undefined) return { type, receiver: to === "end" ? "" : receiver, reason };
    }
    return undefined;
  }

  #tell(process: ActorProcess, { type, receiver, reason }: InvalidResult, { mail, id, fail }: Results): void {
    const { delivery, asks, directory } = this.#context;
    const why = { code: "INVALID", reason, receiver } as const;
    const result = { ...mail, type, sender: senderOf(process, mail), from: process };
    const isTaken = directory.find("error-end").kind !== "nobody" && !isAtEnd(process, directory);
    if (asks.get(id) !== undefined) delivery.rejections.noteInvalid(result, why);
    else if (isTaken) delivery.drop(result, why);
    // To handle it again would come to the same.
    else return delivery.reject({ ...result, isAsk: false }, why);
    fail({ code: "INVALID", message: reason });
  }
}
