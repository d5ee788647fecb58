/**
 * Whether a process is at a `Reject`: what it writes then may answer that one.
 */
import type { Flying } from "../mail/flying.ts";
import type { InFlight } from "./in_flight.ts";

/**
 * Of who acknowledges, the first message that is open is one; of anybody else, the last that was read. `unread`: bytes
 * that were not.
 */
export function isAtReject(inFlight: InFlight, unread: number): boolean {
  const given = inFlight.list();
  if (inFlight.acknowledges) {
    return isReject(
      given.find(({ state, isWord }) => state === "open" || isWord && inFlight.kinds.hearsWords),
    );
  }
  const ahead = inFlight.listUnread(unread).length;
  return isReject(given.at(-1 - ahead));
}

function isReject(flying: Flying | undefined): boolean {
  return flying?.type === "Reject" && flying.from === undefined;
}
