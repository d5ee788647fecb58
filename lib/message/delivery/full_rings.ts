/**
 * Full mailboxes that wait for each other: the processes of each are not read because what they send has no room in
 * the next one, so none of them takes anything.
 *
 *   a's mailbox is full ◀── b waits for room ◀── b's mailbox is full ◀── a waits for room
 */
import { GROWTH_FACTOR } from "../../core/limits/deadlock.ts";
import type { Cell } from "../actors/cell.ts";
import { activeOf } from "../actors/process_of.ts";

/** What a look at a ring has seen: two that are the same mean that nothing moves. */
interface Look {
  readonly seen: string;
}

export class FullRings {
  readonly #looks = new Map<Cell, Look>();

  /** Grows the smallest mailbox of each ring in which nothing has moved since the last call. */
  look(cells: Iterable<Cell>): readonly { readonly cell: Cell; readonly ring: readonly Cell[] }[] {
    const grown: { cell: Cell; ring: readonly Cell[] }[] = [];
    const seenNow = new Map<Cell, Look>();
    for (const cell of cells) {
      if (cell.waiting.size === 0) continue;
      const ring = findRing(cell);
      const [first] = ring ?? [];
      if (ring === undefined || first === undefined || seenNow.has(first)) continue;
      const seen = ring.map((member) => `${member.taken} ${member.mailbox.length} ${movedOf(member)}`).join();
      seenNow.set(first, { seen });
      if (this.#looks.get(first)?.seen !== seen) continue;
      const smallest = ring.reduce((best, member) => member.mailbox.size < best.mailbox.size ? member : best);
      smallest.mailbox.size *= GROWTH_FACTOR;
      smallest.mailbox.bytesMax *= GROWTH_FACTOR;
      grown.push({ cell: smallest, ring });
    }
    this.#looks.clear();
    for (const [cell, look] of seenNow) this.#looks.set(cell, look);
    return grown;
  }
}

function movedOf(cell: Cell): number {
  return activeOf(cell).reduce((sum, process) => sum + process.moved, 0);
}

/** The cells of a ring that is reached from a cell, beginning with the one whose name is first. */
function findRing(start: Cell): readonly Cell[] | undefined {
  const path: Cell[] = [];
  for (let cell: Cell | undefined = start; cell !== undefined; cell = nextOf(cell)) {
    const at = path.indexOf(cell);
    if (at >= 0) {
      const ring = path.slice(at);
      const first = ring.reduce((best, member) => member.address < best.address ? member : best);
      const from = ring.indexOf(first);
      return [...ring.slice(from), ...ring.slice(0, from)];
    }
    path.push(cell);
  }
  return undefined;
}

/** Where a cell's processes wait for room, when all of them do. */
function nextOf(cell: Cell): Cell | undefined {
  const active = activeOf(cell);
  const waits = active.map((process) => process.parked.first?.cell);
  return active.length === cell.places.length && waits.every((wait) => wait !== undefined)
    ? waits[0]
    : undefined;
}
