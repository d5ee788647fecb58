/**
 * Actors that end without having been started: what they would write is in the cache, or what they were to be given
 * could not be made.
 */
import type { Failure } from "../../core/failure.ts";
import type { ActorResult } from "../../core/result.ts";
import type { ActorEdges } from "../wiring/actor_edges.ts";
import type { ActorRun } from "../state/actor_run.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { RunState } from "../state/run_state.ts";
import type { StartQueue } from "./start_queue.ts";
import type { Units } from "./units.ts";

interface UnstartedContext {
  readonly state: Pick<RunState, "emit" | "fail" | "isStopping">;
  readonly queue: Pick<StartQueue, "remove">;
  readonly edges: Pick<ActorEdges, "dropInputs" | "abandon">;
  readonly relays: Pick<RelayClient, "noteEnded">;
  readonly units?: () => Pick<Units, "look"> | undefined;
}

export class UnstartedActors {
  readonly #context: UnstartedContext;

  constructor(context: UnstartedContext) {
    this.#context = context;
  }

  /** The output of an actor is in the cache: it is not run. */
  endFound(run: ActorRun, bytesOut: number): void {
    const { queue, edges, relays } = this.#context;
    const { name } = run.actor;
    queue.remove(name);
    edges.dropInputs(run);
    this.#end(run, { state: "done", cached: true, bytesOut });
    relays.noteEnded(name);
  }

  /** The file that an actor was to be given could not be written: it cannot start. */
  failInput(failure: Failure & { readonly kind: "input" }): void {
    const { state, queue, edges } = this.#context;
    const run = queue.remove(failure.actor);
    if (run !== undefined) {
      edges.abandon(run);
      this.#end(run, { state: "failed" });
    }
    // A run that is being ended lets go of what its actors were to be given.
    if (!state.isStopping) state.fail(failure);
    if (run !== undefined) this.#context.units?.()?.look(run);
  }

  #end(run: ActorRun, result: ActorResult): void {
    run.end(result);
    this.#context.state.emit({ type: "actor-ended", actor: run.actor.name, result });
  }
}
