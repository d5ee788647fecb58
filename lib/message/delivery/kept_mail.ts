/**
 * Messages that must not be lost: each is in the journal from when a mailbox has it until it was handled.
 */
import type { Cell } from "../actors/cell.ts";
import type { Journal } from "../mail/journal.ts";
import type { Mail } from "../mail/mail.ts";
import type { MessageIds } from "../wire/message_ids.ts";

export interface KeptMailContext {
  readonly ids: MessageIds;
  /** Where they are kept; without one they are kept in memory only. */
  readonly journal: Journal | undefined;
}

export class KeptMail {
  readonly #context: KeptMailContext;

  constructor(context: KeptMailContext) {
    this.#context = context;
  }

  /** Notes a message for an actor that has to get it. What the engine itself says is made again. */
  keep(cell: Cell, mail: Mail): void {
    const { journal, ids } = this.#context;
    const { name, messaging } = cell.actor;
    if (messaging.delivery !== "at-least-once" || mail.from === undefined || mail.row !== undefined) return;
    if (mail.record !== undefined) journal?.noteRecords(name, mail.record);
    const key = mail.key ?? cell.key;
    mail.row = journal?.accept(mail, {
      actor: name,
      id: mail.id ?? ids.text(mail.number),
      ...(key === undefined ? {} : { key }),
    });
  }

  /** It was handled, or given up. */
  settle({ row }: Mail): void {
    if (row !== undefined) this.#context.journal?.remove(row);
  }
}
