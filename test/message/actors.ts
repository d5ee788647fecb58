/** Actors with processes that are none, for tests of what needs no pipe. */
import type { Messaging } from "../../lib/core/messaging.ts";
import { NOT_NOW } from "../../lib/host/descriptor_io/descriptor_io.ts";
import { ActorProcess } from "../../lib/message/actors/actor_process.ts";
import type { Cell } from "../../lib/message/actors/cell.ts";
import type { Link } from "../../lib/message/link/link.ts";
import { HeadCache } from "../../lib/message/wire/head_cache.ts";
import { MailRoom } from "../../lib/message/mail/mail_room.ts";
import { MessageActor } from "../../lib/message/actors/message_actor.ts";
import { activeOf } from "../../lib/message/actors/process_of.ts";

export const MESSAGING: Messaging = {
  supervisor: { type: "singleton" },
  subscribe: [],
  mailbox: { size: 10, overflow: "block" },
  restart: { policy: "never", intensity: 3, periodMs: 1000, backoffMs: 1 },
  delivery: "at-most-once",
  deliveriesMax: 3,
  lineBytesMax: 1024,
  args: "null",
  records: "Record",
};

/** A link that nothing comes over, and that takes nothing. */
export function makeDeadLink(): Link {
  const end = { held: 0, listen: () => undefined, close: () => undefined };
  return {
    from: { ...end, read: () => NOT_NOW },
    to: { ...end, tellsHeld: true, fd: undefined, write: () => NOT_NOW },
  };
}

/** Actors by name, each with so many processes. */
export function makeActors(sizes: Readonly<Record<string, number>>): {
  readonly cellOf: (name: string) => Cell;
  readonly processesOf: (name: string) => readonly ActorProcess[];
} {
  let next = 0;
  const cells = new Map<string, Cell>();
  for (const [name, size] of Object.entries(sizes)) {
    const supervisor = size === 1 ? { type: "singleton" } as const : { type: "pool", size } as const;
    const actor = new MessageActor(
      { name, messaging: { ...MESSAGING, supervisor }, subscribe: [], isEager: true },
      { nextPlace: () => next++, room: new MailRoom({ memoryBytes: 1024 * 1024 }) },
    );
    const [cell] = actor.cells;
    if (cell === undefined) throw new Error(name);
    cells.set(name, cell);
    for (const place of cell.places) {
      const process = new ActorProcess({
        id: next++,
        pid: 0,
        link: makeDeadLink(),
        cell,
        address: name,
        heads: new HeadCache(),
      });
      place.life = { state: "active", process };
    }
  }
  const cellOf = (name: string): Cell => {
    const cell = cells.get(name);
    if (cell === undefined) throw new Error(name);
    return cell;
  };
  return { cellOf, processesOf: (name) => activeOf(cellOf(name)) };
}
