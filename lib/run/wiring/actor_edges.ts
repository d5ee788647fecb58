/**
 * The edges of one actor taken together, when it is run again, has ended for good, or is not run at all.
 */
import type { ActorRun } from "../state/actor_run.ts";
import type { DirectPipes } from "./direct_pipes.ts";
import type { KeptStreams } from "../logs/kept_streams.ts";
import type { PlanEdges } from "./plan_edges.ts";
import type { RelayClient, RelayedJoin, RelayedStream } from "../relays/relay_client.ts";

interface EdgesContext {
  readonly actors: ReadonlyMap<string, ActorRun>;
  readonly edges: PlanEdges;
  readonly relays: Pick<
    RelayClient,
    | "streamOf"
    | "joinOf"
    | "rewindStream"
    | "rewindJoin"
    | "settleJoin"
    | "releaseStream"
    | "closeStream"
    | "dropJoin"
  >;
  readonly pipes: DirectPipes;
  readonly kept: Pick<KeptStreams, "endActor"> | undefined;
}

export class ActorEdges {
  readonly #context: EdgesContext;

  constructor(context: EdgesContext) {
    this.#context = context;
  }

  /** The files of `out` that an actor was given to write by itself. */
  filesWrittenBy(actor: string): readonly string[] {
    return this.#context.edges.outOf(actor).flatMap(({ carrier, to }) =>
      carrier === "descriptor" && to.kind === "output" && to.target !== "-" ? [to.target] : []
    );
  }

  /** Makes ready for another try: what the actor has written is forgotten, what it was given is given again. */
  rewind(run: ActorRun): void {
    const { relays } = this.#context;
    if (run.copy !== undefined) return run.reset(); // Its pool is told.
    for (const stream of this.streamsOf(run)) relays.rewindStream(stream);
    for (const joined of this.#joinsOf(run)) relays.rewindJoin(joined);
    run.reset();
  }

  /** There is no further try of an actor that had some: its output is given on if it has ended well, else forgotten. */
  settle(run: ActorRun, { isWell }: { readonly isWell: boolean }): void {
    const { relays } = this.#context;
    if (run.copy !== undefined) return;
    for (const joined of this.#joinsOf(run)) relays.settleJoin(joined);
    for (const stream of this.streamsOf(run)) {
      if (isWell) relays.releaseStream(stream);
      else relays.closeStream(stream);
    }
  }

  /** Closes the pipes that wait for a process which will not start any more. */
  abandonUnstarted(): void {
    for (const run of this.#context.actors.values()) {
      if (run.phase.phase === "single" && run.process.state.is === "waiting") this.abandon(run);
    }
  }

  /** Ends what an actor would have written, and drops what it would have read. */
  abandon(run: ActorRun): void {
    const { actors, edges, relays, pipes, kept } = this.#context;
    if (run.copy !== undefined) return; // Its pool is told.
    const { name } = run.actor;
    this.dropInputs(run);
    kept?.endActor(name);
    for (const edge of edges.outOf(name)) {
      const stream = relays.streamOf(edge);
      if (stream !== undefined) relays.closeStream(stream);
      pipes.known(edge)?.writerEnded();
    }
    for (const edge of edges.into(name)) {
      const pipe = pipes.known(edge);
      if (pipe === undefined) continue;
      actors.get(edge.from.actor)?.gate.lose(pipe);
      pipe.readerStarted();
    }
  }

  /** An actor reads nothing, or no more. */
  dropInputs(run: ActorRun): void {
    for (const joined of this.#joinsOf(run)) this.#context.relays.dropJoin(joined);
  }

  /** No more lines are given to the workers of an actor. */
  closePool({ actor: { name, members } }: ActorRun): void {
    const { edges, relays } = this.#context;
    const joined = relays.joinOf(edges.joinAt({ actor: name, port: members?.port ?? "stdin" })?.edges[0]);
    if (joined !== undefined) relays.dropJoin(joined);
  }

  /** The relayed streams that an actor writes. */
  streamsOf({ actor: { name } }: ActorRun): ReadonlySet<RelayedStream> {
    const { edges, relays } = this.#context;
    return new Set(edges.outOf(name).flatMap((edge) => relays.streamOf(edge) ?? []));
  }

  #joinsOf({ relayedIn }: ActorRun): ReadonlySet<RelayedJoin> {
    return new Set(relayedIn.flatMap((edge) => this.#context.relays.joinOf(edge) ?? []));
  }
}
