/**
 * How many of the messages that are on their way to a process are what, counted as they come and go.
 */
import type { Flying } from "../mail/flying.ts";

export class FlightTally {
  /** Those whose acknowledgement is waited for. */
  open = 0;
  /** Those that have to be handled, and the bytes of all that are remembered. */
  owed = 0;
  mailBytes = 0;
  /** Those with an identity of their own. */
  named = 0;

  /** It is on its way. */
  enter({ state, id, isOwed, mail }: Flying): void {
    if (state === "open") this.open += 1;
    if (id !== undefined) this.named += 1;
    if (isOwed) this.owed += 1;
    if (mail !== undefined) this.mailBytes += mail.end - mail.start;
  }

  /** It is not on its way any more. */
  leave(flying: Flying): void {
    if (flying.state === "open") this.open -= 1;
    if (flying.id !== undefined) this.named -= 1;
    this.forgetMail(flying);
  }

  /** Its acknowledgement is waited for no more. */
  close(flying: Flying, state: "read" | "answered"): void {
    if (flying.state === "open") this.open -= 1;
    flying.state = state;
  }

  /** Nothing has to be done for it any more. */
  forgetMail(flying: Flying): void {
    if (flying.isOwed) this.owed -= 1;
    if (flying.mail !== undefined) this.mailBytes -= flying.mail.end - flying.mail.start;
    flying.isOwed = false;
    flying.mail = undefined;
  }
}
