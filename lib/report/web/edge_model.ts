/**
 * What has gone over each edge, how fast, and whether more is to come.
 */
import type { EdgeProgress } from "../../core/event.ts";
import type { PageActor } from "./page_actor.ts";
import type { PageEdge } from "./page_run.ts";
import { Rates } from "./rates.ts";
import type { Records } from "./records.ts";

export class EdgeModel {
  readonly #edges: Records<number, PageEdge>;
  readonly #actors: Records<string, PageActor>;
  readonly #rates = new Rates();
  /** Those that have moved of late: their rates fall when nothing is told of them any more. */
  readonly #moving = new Set<number>();
  #byActor: Map<string, number[]> | undefined;

  constructor(edges: Records<number, PageEdge>, actors: Records<string, PageActor>) {
    this.#edges = edges;
    this.#actors = actors;
  }

  note({ id, bytes, heldBytes, capacityBytes }: EdgeProgress, at: number): void {
    const rate = this.#rates.note(String(id), bytes, at);
    const known = this.#edges.get(id);
    if (known === undefined) return;
    const isDone = this.#actors.get(known.fromActor)?.endedAt !== undefined && heldBytes === 0;
    this.#edges.change(id, {
      bytes,
      heldBytes,
      capacityBytes,
      ...rate === undefined ? {} : { rate },
      state: isDone || known.state === "ended" ? "ended" : "open",
    });
    if (rate !== 0) this.#moving.add(id);
  }

  /** Some time has passed. */
  tick(at: number): void {
    for (const id of this.#moving) {
      const rate = this.#rates.note(String(id), this.#edges.get(id)?.bytes, at);
      this.#edges.change(id, { rate });
      if (rate === 0 || rate === undefined) this.#moving.delete(id);
    }
  }

  /** An actor has started. */
  open(actor: string): void {
    for (const id of this.#of(actor)) {
      if (this.#edges.get(id)?.state === "waiting") this.#edges.change(id, { state: "open" });
    }
  }

  /** An actor has ended: nothing comes to it any more, and nothing from it but what is held. */
  end(actor: string): void {
    for (const id of this.#of(actor)) {
      const edge = this.#edges.get(id);
      const isOver = edge?.toActor === actor || (edge?.heldBytes ?? 0) === 0;
      if (isOver) this.#edges.change(id, { state: "ended", rate: undefined });
    }
  }

  #of(actor: string): readonly number[] {
    const byActor = this.#byActor ??= this.#index();
    return byActor.get(actor) ?? [];
  }

  #index(): Map<string, number[]> {
    const byActor = new Map<string, number[]>();
    for (const { id, fromActor, toActor } of this.#edges.values()) {
      for (const actor of new Set([fromActor, ...toActor === undefined ? [] : [toActor]])) {
        const known = byActor.get(actor);
        if (known === undefined) byActor.set(actor, [id]);
        else known.push(id);
      }
    }
    return byActor;
  }
}
