/**
 * Who waits for whom in a run, as nodes of the wait-for graph: actors by what the system says of their processes,
 * streams and joins by what the relays know.
 */
import { NO_PROGRESS_MS } from "../../core/limits/deadlock.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { EdgeState, JoinState, StreamState } from "../../pipe/state/relay_states.ts";
import { hasHeld, isAtEnd, isHeldBack, isLines, isLogged, isServed } from "../../pipe/state/relay_states.ts";
import type { PipeWait } from "../../process/proc/blocked.ts";
import { readWaits } from "../../process/proc/blocked.ts";
import type { Waiting } from "./wait_graph.ts";
import { PoolNodes } from "./pool_nodes.ts";
import type { WaitContext, WatchedActor, WatchedProcess } from "./watched.ts";
import { any, FREE, lastMove, nodeOf } from "./watched.ts";

/** Bytes that the engine holds for an edge. */
export function heldFor(edge: EdgeState): number {
  return edge.stream.taken - edge.position;
}

/** True when its stream has to wait for the reader of this edge. */
export function isFull(edge: EdgeState): boolean {
  return !edge.isDropped && !isHeldBack(edge) && heldFor(edge) >= edge.capacity;
}

export class WaitNodes {
  /** Actors that may be waiting for anything, with how long nothing of theirs has moved, in milliseconds. */
  readonly unsure = new Map<string, number>();
  readonly #context: WaitContext;
  readonly #now: number;
  readonly #pools: PoolNodes;

  constructor(context: WaitContext, now: number) {
    this.#context = context;
    this.#now = now;
    this.#pools = new PoolNodes(context, {
      readProcess: (process) => this.#readProcess(process),
      listHolders: () => this.#listHolders(),
    });
  }

  /**
   * How far a node has come. When it waits for the same twice, and this is the same, it has waited all the time: nobody
   * can write or read but through what is counted here.
   */
  factsOf(node: string): string {
    const [kind = "", id = "", index = ""] = node.split(" ");
    const { relays, actors } = this.#context;
    switch (kind) {
      case "stream": {
        const { taken, phase } = relays.streams[Number(id)] ?? {};
        return `${phase} ${taken}`;
      }
      case "join": {
        const { phase, edges = [] } = relays.joins[Number(id)] ?? {};
        return `${phase} ${edges.reduce((sum, { position }) => sum + position, 0)}`;
      }
      case "copy":
        return this.#pools.factsOf(Number(id), Number(index));
      case "unit":
        return "";
      default:
        return `${actors.get(id)?.pid}`;
    }
  }

  /** What the node waits for at this moment. */
  ask(node: string): Waiting {
    const [kind, rest = ""] = [node.slice(0, node.indexOf(" ")), node.slice(node.indexOf(" ") + 1)];
    const { relays, actors } = this.#context;
    if (kind === "stream") {
      const stream = relays.streams[Number(rest)];
      return stream === undefined ? FREE : this.#askStream(stream);
    }
    if (kind === "join") {
      const join = relays.joins[Number(rest)];
      return join === undefined ? FREE : this.#askJoin(join);
    }
    if (kind === "copy") return this.#pools.askCopy(rest);
    if (kind === "unit") return this.#askUnit(Number(rest));
    const actor = actors.get(rest);
    return actor === undefined ? FREE : this.#askActor(actor);
  }

  /** A stream waits for its writer when it is empty, else for all readers that have no room. */
  #askStream(stream: StreamState): Waiting {
    const writer = this.#context.topology.streams[stream.id]?.writer;
    const forWriter = writer === undefined ? FREE : any([nodeOf.actor(writer)]);
    if (stream.phase === "ended") return FREE;
    if (stream.phase === "unopened") return forWriter;
    if (this.#context.relays.heldInPipe(stream) === 0) return this.#pools.askOutput(stream) ?? forWriter;
    const full = stream.edges.filter((edge) => isFull(edge) && !isServedFrom(edge));
    if (full.length > 0) return { kind: "all", of: full.map(({ join }) => nodeOf.join(join)) };
    if (stream.log.lacksRoom) return this.#askStore(stream);
    return FREE;
  }

  /** Room in the store is given back by whoever reads on; its own readers may also take from the pipe. */
  #askStore(stream: StreamState): Waiting {
    const own = stream.edges.filter((edge) =>
      !edge.isDropped && (edge.join.isKept || (isLogged(stream) ? hasHeld(edge) : !isServedFrom(edge)))
    );
    const writer = this.#context.topology.streams[stream.id]?.writer;
    const ending = stream.isWithheld && writer !== undefined ? [nodeOf.actor(writer)] : [];
    const units = stream.edges.filter((edge) => edge.isWithheld || edge.isKept)
      .map((edge) => nodeOf.unit(this.#unitOf(edge)));
    return any([...ending, ...units, ...own.map(({ join }) => nodeOf.join(join)), ...this.#listHolders()]);
  }

  /** Who gives room in the store back by going on. */
  #listHolders(): readonly string[] {
    const holding = this.#context.relays.edges.filter((edge) => !edge.isDropped && hasHeld(edge));
    return [...holding.map(({ join }) => nodeOf.join(join)), ...this.#pools.listHolders()];
  }

  /** A join waits for the stream it reads when that is empty, else for its reader. */
  #askJoin(join: JoinState): Waiting {
    // Into a file the engine itself writes what comes; its reader waits for the whole of it.
    const { reader, isFile = false } = this.#context.topology.joins[join.id] ?? {};
    const forReader = reader === undefined || isFile ? FREE : any([nodeOf.actor(reader)]);
    const isOpen = join.phase === "open";
    const forTarget = join.cut === undefined || join.phase === "unopened"
      ? forReader
      : this.#pools.askInput(join.cut);
    if (join.phase === "ended") return join.cut?.isGiven === false ? forTarget : FREE;
    if (!isOpen || join.pending !== undefined) return forTarget;
    const edges = isLines(join)
      ? join.turn === undefined ? join.edges.filter((edge) => !isAtEnd(edge)) : [join.turn]
      : join.edges.slice(join.current, join.current + 1);
    if (edges.length === 0) return FREE;
    if (edges.some((edge) => this.#canGive(edge))) return join.isWritable ? FREE : forTarget;
    return any(
      edges.map((edge) => edge.isWithheld ? nodeOf.unit(this.#unitOf(edge)) : nodeOf.stream(edge.stream)),
    );
  }

  #unitOf({ id }: EdgeState): number {
    const units = this.#context.topology.units ?? [];
    return units.findIndex(({ withheld, kept }) => withheld.includes(id) || kept.includes(id));
  }

  /** It is over when all of its actors have ended. */
  #askUnit(id: number): Waiting {
    const { actors, topology } = this.#context;
    const open = topology.units?.[id]?.actors.filter((name) => {
      const actor = actors.get(name);
      return actor !== undefined && actor.is !== "ended";
    });
    return open === undefined || open.length === 0 ? FREE : { kind: "all", of: open.map(nodeOf.actor) };
  }

  #canGive(edge: EdgeState): boolean {
    const { stream } = edge;
    if (hasHeld(edge) || isAtEnd(edge)) return true;
    return !isLogged(stream) && this.#context.relays.heldInPipe(stream) > 0;
  }

  #askActor(actor: WatchedActor): Waiting {
    switch (actor.is) {
      case "ended":
        return FREE;
      case "waiting":
        return this.#askUnstarted(actor);
      case "running":
        return this.#askRunning(actor);
      default:
        return unreachable(actor.is);
    }
  }

  #askUnstarted(actor: WatchedActor): Waiting {
    const { isLazy, hasPlaces, actors, topology } = this.#context;
    const files = actor.joins.filter(({ id, phase }) =>
      topology.joins[id]?.isFile === true && phase !== "ended"
    );
    const writers = actor.writers.filter((name) => actors.get(name)?.is !== "ended");
    if (files.length + writers.length > 0) {
      return { kind: "all", of: [...files.map(nodeOf.join), ...writers.map(nodeOf.actor)] };
    }
    const streams = actor.joins.flatMap((join) => join.edges.map(({ stream }) => stream));
    const silent = streams.filter((stream) => !stream.hasBegun);
    if (isLazy && silent.length > 0) return { kind: "all", of: silent.map(nodeOf.stream) };
    if (!hasPlaces) return FREE;
    const unstarted = this.#listUnstartedWriters(actor);
    if (unstarted.length > 0) return { kind: "all", of: unstarted.map(nodeOf.actor) };
    const running = [...actors.values()].filter(({ is }) => is === "running");
    return running.length === 0 ? FREE : any(running.map(({ name }) => nodeOf.actor(name)));
  }

  /** Where places are few, nobody takes one before those that he reads from; workers have places of their own. */
  #listUnstartedWriters({ joins }: WatchedActor): readonly string[] {
    const { relays: { pools }, topology, actors } = this.#context;
    const writers = joins.flatMap(({ edges }) =>
      edges.map(({ stream }) => topology.streams[stream.id]?.writer)
    );
    return [...new Set(writers)].flatMap((name) =>
      name !== undefined && actors.get(name)?.is === "waiting" &&
        !pools.some(({ topology }) => topology.actor === name)
        ? [name]
        : []
    );
  }

  #askRunning(actor: WatchedActor): Waiting {
    if (actor.copies !== undefined) return this.#pools.askActor(actor);
    const { pid, pipes, name } = actor;
    if (pid === undefined) return FREE;
    return this.#readProcess({
      node: nodeOf.actor(name),
      pid,
      pipes,
      findPlaces: (waits) => this.#placesOf(actor, waits),
      everything: () => this.#everything(actor),
      movedAt: () => lastMove(actor),
    });
  }

  /** What a process waits for, as the system tells it. */
  #readProcess({ node, pid, pipes, findPlaces, everything, movedAt }: WatchedProcess): Waiting {
    const found = readWaits(pid, pipes);
    if (found.kind === "busy") return FREE;
    const places = found.kind === "waits" ? findPlaces(found.at) : [];
    if (places === "busy") return FREE;
    const isUnsure = found.kind === "unknown" || found.isUnsure || places.length === 0;
    if (!isUnsure) return any([...new Set(places)]);
    // It may be waiting for anything: then time decides.
    const quietMs = this.#now - movedAt();
    if (quietMs < NO_PROGRESS_MS) return FREE;
    this.unsure.set(node, quietMs);
    const all = [...places, ...everything()];
    return all.length === 0 ? FREE : any([...new Set(all)]);
  }

  /** The nodes of the pipes it waits at; `busy` when one of them is ready or leads out of sight. */
  #placesOf(
    actor: WatchedActor,
    waits: readonly PipeWait[],
  ): readonly string[] | "busy" {
    const { relays, pipes } = this.#context;
    const places: string[] = [];
    for (const { pipe, does, isEdge } of waits) {
      const state = pipes.get(pipe);
      if (state === undefined) {
        // A kernel pipe to another actor leads out of sight; any other is between its own processes.
        if (actor.pipes.has(pipe)) return "busy";
        continue;
      }
      const isReady = "merge" in state
        ? does === "write" || relays.heldInTarget(state) > 0
        : does === "write" && relays.heldInPipe(state) === 0;
      if (isReady && !isEdge) return "busy";
      if (isReady) continue;
      if ("merge" in state) places.push(nodeOf.join(state));
      else if (does === "write") places.push(nodeOf.stream(state));
      else places.push(nodeOf.actor(this.#context.topology.streams[state.id]?.writer ?? actor.name));
    }
    return places;
  }

  /** Everything the actor could be waiting for: its empty inputs and its full outputs. */
  #everything({ joins, streams }: WatchedActor): readonly string[] {
    const { relays } = this.#context;
    return [
      ...joins.filter((join) => join.phase === "open" && relays.heldInTarget(join) === 0).map(nodeOf.join),
      ...streams.filter((stream) => relays.heldInPipe(stream) > 0).map(nodeOf.stream),
    ];
  }
}

/** True when the join takes from this edge directly, and would. */
function isServedFrom(edge: EdgeState): boolean {
  return !isLogged(edge.stream) && isServed(edge);
}
