/**
 * What outlives the engine, as the bus of messages sees it.
 */
import { DatabaseError } from "../../host/files/database.ts";
import type { Journal, Leftover } from "../../message/mail/journal.ts";
import type { MessageJournal } from "../../store/message_journal.ts";

/** The journal as the engine sees it: when it cannot be written any more that is told, and the flow goes on. */
export function toJournal(kept: MessageJournal, onFailed: (error: DatabaseError) => void): Journal {
  let isBroken = false;
  const attempt = <Value>(write: () => Value): Value | undefined => {
    if (isBroken) return undefined;
    try {
      return write();
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      isBroken = true;
      onFailed(error);
      return undefined;
    }
  };
  return {
    accept: ({ type, sender, priority, bytes, start, end }, { actor, id, key }) => {
      const line = bytes.subarray(start, end);
      return attempt(() => kept.add({ actor, key, id, type, sender, priority, line }));
    },
    remove: (row) => attempt(() => kept.remove(row)),
    save: (address, json) => attempt(() => kept.save(address, json)),
    noteRecords: (actor, count) => attempt(() => kept.noteRecords(actor, count)),
    commit: () => attempt(() => kept.commit()),
    close: () => attempt(() => kept.close()),
  };
}

/** What an engine before this one has left. */
export function toLeftover(kept: MessageJournal, onFailed: (error: DatabaseError) => void): Leftover {
  const { messages, records } = kept.load();
  return {
    // What is noted in this run is asked of the engine first.
    stateOf: (address) => {
      try {
        return kept.stateOf(address);
      } catch (error) {
        if (!(error instanceof DatabaseError)) throw error;
        onFailed(error);
        return undefined;
      }
    },
    records,
    mails: messages.map(({ key, ...mail }) => ({ ...mail, ...(key === undefined ? {} : { key }) })),
  };
}
