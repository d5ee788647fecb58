/**
 * Actors for whose messages neither the limits nor the disk have room, and whose senders are not to wait: each is told
 * once.
 */
import type { Cell, CellActor } from "../actors/cell.ts";
import type { MessageReport } from "../mail/message_report.ts";

export class NoRoomTeller {
  readonly #tell: (report: MessageReport) => void;
  readonly #told = new Set<CellActor>();

  constructor(tell: (report: MessageReport) => void) {
    this.#tell = tell;
  }

  tell({ actor, mailbox: { refused } }: Cell): void {
    if (refused === undefined || this.#told.has(actor)) return;
    this.#told.add(actor);
    this.#tell({ type: "no-room", what: "messages", actor: actor.name, cause: refused });
  }
}
