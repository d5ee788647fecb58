/**
 * The edges of a plan by whom they are of.
 */
import type { StreamRef } from "../../core/flow.ts";
import { streamKey } from "../../core/flow.ts";
import type { Edge, Join, Plan } from "../../core/plan.ts";

export class PlanEdges {
  readonly #readers = new Map<string, Edge[]>();
  readonly #out = new Map<string, Edge[]>();
  readonly #in = new Map<string, Edge[]>();
  readonly #joins = new Map<string, Join>();

  constructor({ joins }: Pick<Plan, "joins">) {
    for (const join of joins) {
      if (join.to.kind === "actor") this.#joins.set(streamKey(join.to), join);
      for (const edge of join.edges) this.#add(edge);
    }
  }

  #add(edge: Edge): void {
    append(this.#readers, streamKey(edge.from), edge);
    append(this.#out, edge.from.actor, edge);
    if (edge.to.kind === "actor") append(this.#in, edge.to.actor, edge);
  }

  /** The edges by which a stream is read. */
  readersOf(stream: StreamRef): readonly Edge[] {
    return this.#readers.get(streamKey(stream)) ?? [];
  }

  /** The edges of all streams that an actor writes. */
  outOf(actor: string): readonly Edge[] {
    return this.#out.get(actor) ?? [];
  }

  /** The edges of everything that an actor reads. */
  into(actor: string): readonly Edge[] {
    return this.#in.get(actor) ?? [];
  }

  /** What comes to an input. */
  joinAt(input: { readonly actor: string; readonly port: string }): Join | undefined {
    return this.#joins.get(streamKey(input));
  }
}

function append(map: Map<string, Edge[]>, key: string, edge: Edge): void {
  const edges = map.get(key);
  if (edges === undefined) map.set(key, [edge]);
  else edges.push(edge);
}
