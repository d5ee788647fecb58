/**
 * Puts what an engine before this one has accepted into mailboxes again, in its order.
 */
import type { EngineBase } from "./actors/engine_base.ts";
import type { Delivery } from "./delivery/delivery.ts";
import type { JournaledMail } from "./mail/journal.ts";

export interface AgainContext extends Pick<EngineBase, "ids" | "origins" | "directory"> {
  readonly delivery: Delivery;
}

export function deliverAgain(
  mails: readonly JournaledMail[],
  { ids, origins, directory, delivery }: AgainContext,
): void {
  for (const { actor: name, key, line, ...known } of mails) {
    const actor = directory.actors.get(name);
    const cell = key === undefined ? actor?.cells[0] : actor?.cellOf(key);
    if (cell === undefined) continue;
    const number = ids.next();
    origins.note(number, known.sender, known.id);
    const instance = cell.instances === undefined || key === undefined ? {} : { key };
    const part = { bytes: line, start: 0, end: line.length };
    cell.mailbox.push({ ...known, ...part, ...instance, number, deliveries: 0 });
    delivery.dirty.add(cell);
  }
}
