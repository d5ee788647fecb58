/**
 * Rings of waiting, and what had to grow because of them.
 */
import type { RunEvent } from "../../core/event.ts";
import type { PageEdge, PageGrowth, PageRing } from "./page_run.ts";
import { PAGE_LIMITS } from "./page_run.ts";
import type { Records } from "./records.ts";
import { Tail } from "./records.ts";

type RingEvent = RunEvent & { readonly type: "buffer-grown" | "mailbox-grown" | "ask-ring" };

export class RingModel {
  readonly rings = new Tail<PageRing>(PAGE_LIMITS.rings);
  readonly growths = new Tail<PageGrowth>(PAGE_LIMITS.growths);
  readonly #edges: Records<number, PageEdge>;
  #next = 1;

  constructor(edges: Records<number, PageEdge>) {
    this.#edges = edges;
  }

  note(event: RingEvent): void {
    const { at } = event;
    if (event.type === "buffer-grown") return this.#grow(event);
    if (event.type === "mailbox-grown") this.growths.add({ at, to: event.actor, capacity: event.size });
    this.#add({
      kind: event.type === "ask-ring" ? "asks" : "mailboxes",
      at,
      steps: [],
      actors: event.ring,
    });
  }

  noteFailure({ failure, at }: RunEvent & { readonly type: "failure" }): void {
    if (failure.kind !== "deadlock") return;
    this.#add({
      kind: "deadlock",
      at,
      steps: failure.cycle,
      actors: failure.cycle.map(({ waiter }) => waiter),
    });
  }

  #grow(event: RunEvent & { readonly type: "buffer-grown" }): void {
    const { at, from, to, capacityBytes, heldBytes, isSpilled, afterMs, cycle } = event;
    const edge = [...this.#edges.values()].find((each) => each.from === from && each.to === to);
    if (edge !== undefined) {
      this.#edges.change(edge.id, {
        capacityBytes,
        heldBytes,
        growths: (edge.growths ?? 0) + 1,
        ...isSpilled ? { isSpilled } : {},
      });
    }
    this.growths.add({
      at,
      from,
      to,
      ...edge === undefined ? {} : { edge: edge.id },
      capacity: capacityBytes,
      held: heldBytes,
      isSpilled,
      afterMs,
    });
    this.#add({ kind: "bytes", at, steps: cycle, actors: cycle.map(({ waiter }) => waiter) });
  }

  #add(ring: Omit<PageRing, "id">): void {
    this.rings.add({ id: this.#next, ...ring });
    this.#next += 1;
  }
}
