/**
 * The kernel pipes from process to process, each made when the first of its two processes is wired.
 */
import type { Edge } from "../../core/plan.ts";
import { DirectPipe } from "../pipes/direct_pipe.ts";
import type { PlanEdges } from "./plan_edges.ts";

export class DirectPipes {
  readonly #edges: PlanEdges;
  readonly #pipes = new Map<number, DirectPipe>();

  constructor(edges: PlanEdges) {
    this.#edges = edges;
  }

  /** The pipe of an edge, when it has been made. */
  known({ id }: Edge): DirectPipe | undefined {
    return this.#pipes.get(id);
  }

  of(edge: Edge): DirectPipe {
    const known = this.known(edge);
    if (known !== undefined) return known;
    const streams = new Set(this.#edges.outOf(edge.from.actor).map(({ from }) => from.port));
    const pipe = new DirectPipe({ isReadKept: streams.size > 1 });
    this.#pipes.set(edge.id, pipe);
    return pipe;
  }
}
