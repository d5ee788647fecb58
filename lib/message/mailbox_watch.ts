/**
 * Looks at the mailboxes of a run for whoever wants to see them, and tells of those of which something has changed.
 */
import { MAILBOXES_A_LOOK, TRACED_EACH_MS } from "../core/limits/message.ts";
import type { MailboxProgress } from "../core/message_event.ts";
import type { MessageActor } from "./actors/message_actor.ts";
import { processIn } from "./actors/process_of.ts";
import type { MessageReport } from "./mail/message_report.ts";

export class MailboxWatch {
  readonly #actors: () => Iterable<MessageActor>;
  readonly #told = new Map<string, string>();
  #dueAt = 0;

  constructor(actors: () => Iterable<MessageActor>) {
    this.#actors = actors;
  }

  /** How long until the next look, in milliseconds; what happens meanwhile is seen then. */
  timeout(now: number): number {
    return Math.max(0, Math.ceil(this.#dueAt - now));
  }

  /** Undefined when it is not time yet, or nothing has changed. */
  look(now: number): MessageReport | undefined {
    if (now < this.#dueAt) return undefined;
    let cells = 0;
    const actors: MailboxProgress[] = [];
    for (const actor of this.#actors()) {
      cells += actor.cells.length;
      const progress = describe(actor);
      const text = JSON.stringify(progress);
      if (this.#told.get(actor.name) === text) continue;
      this.#told.set(actor.name, text);
      actors.push(progress);
    }
    // A look at very many takes its time: they are looked at less often.
    this.#dueAt = now + TRACED_EACH_MS * Math.max(1, cells / MAILBOXES_A_LOOK);
    return actors.length === 0 ? undefined : { type: "mailboxes", actors };
  }
}

function describe({ name, cells, messaging, linesOfEnded }: MessageActor): MailboxProgress {
  const found = { messagesIn: 0, messagesOut: linesOfEnded, queued: 0, inHand: 0, processes: 0 };
  let instances: number | undefined;
  for (const cell of cells) {
    found.messagesIn += cell.taken;
    found.queued += cell.mailbox.length;
    if (cell.instances !== undefined) instances = (instances ?? 0) + cell.instances.size;
    for (const place of cell.places) {
      const process = processIn(place);
      if (process === undefined) continue;
      found.processes += 1;
      found.messagesOut += process.lines;
      found.inHand += process.inFlight.open;
    }
  }
  return {
    actor: name,
    ...found,
    size: cells[0]?.mailbox.size ?? messaging.mailbox.size,
    ...instances === undefined ? {} : { instances },
  };
}
