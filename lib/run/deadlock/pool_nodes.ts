/**
 * Actors with workers in the wait-for graph. Each of their processes is a node of its own, because they do not wait for
 * the same: one for more input, another for its turn to write.
 *
 *   join ──its processes take no more──▶ copy ──empty input──▶ join
 *   stream ──the one whose turn it is──▶ copy ──full output──▶ stream
 */
import type { PoolInput, PoolOutput, PoolWaiting } from "../../pipe/state/pool_sides.ts";
import type { StreamState } from "../../pipe/state/relay_states.ts";
import type { WorkerCopy } from "../../pipe/state/worker_copy.ts";
import type { WorkerPool } from "../../pipe/workers/worker_pool.ts";
import type { PipeWait } from "../../process/proc/blocked.ts";
import type { Waiting } from "./wait_graph.ts";
import type { WaitContext, WatchedActor, WatchedCopy, WatchedProcess } from "./watched.ts";
import { any, FREE, lastMove, nodeOf } from "./watched.ts";

interface PoolHooks {
  readonly readProcess: (process: WatchedProcess) => Waiting;
  /** The nodes that give room in the store back by going on. */
  readonly listHolders: () => readonly string[];
}

/** Whose an input or an output is. */
interface SideOwner {
  /** The number of a pool. */
  readonly id: number;
  readonly input: PoolInput;
  readonly join: number;
  readonly streams: readonly number[];
}

export class PoolNodes {
  readonly #context: WaitContext;
  readonly #hooks: PoolHooks;
  /** The pool or the split that an input or an output belongs to; only pools have copies. */
  readonly #ownerOf = new Map<PoolInput | PoolOutput, SideOwner>();

  constructor(context: WaitContext, hooks: PoolHooks) {
    this.#context = context;
    this.#hooks = hooks;
    for (const [id, { input, outputs, topology }] of context.relays.pools.entries()) {
      const { join, streams } = topology;
      for (const side of [input, ...outputs]) this.#ownerOf.set(side, { id, input, join, streams });
    }
    for (const split of context.relays.splits) {
      const { topology: { join, streams }, outputs } = split;
      const owner = { id: -1, input: split, join, streams: streams.map(({ stream }) => stream) };
      for (const side of [split, ...outputs]) this.#ownerOf.set(side, owner);
    }
  }

  /** Any of its processes may go on, or it is given more, if there is more. */
  askActor({ name }: WatchedActor): Waiting {
    const { pools } = this.#context.relays;
    const id = pools.findIndex(({ topology }) => topology.actor === name);
    const pool = pools[id];
    if (pool === undefined) return FREE;
    const copies = [...pool.copies].map(({ index }) => nodeOf.copy(id, index));
    if (!pool.input.isGiven) return any([this.#joinOf(pool), ...copies]);
    return copies.length === 0 ? FREE : any(copies);
  }

  /** Whom the input of a pool waits for that takes nothing now. */
  askInput(input: PoolInput): Waiting {
    return input.wantsInput ? FREE : this.#translate(input, input.waitsFor());
  }

  /** Whom a stream waits for that workers have nothing for; undefined when it is none of a pool. */
  askOutput({ gathered }: StreamState): Waiting | undefined {
    return gathered === undefined ? undefined : this.#translate(gathered, gathered.waitsFor());
  }

  #translate(side: PoolInput | PoolOutput, waiting: PoolWaiting): Waiting {
    const { kind, copies, input = false, outputs = false, streams = [], room = false } = waiting;
    const owner = this.#ownerOf.get(side);
    if (owner === undefined) return FREE;
    const of = copies.map(({ index }) => nodeOf.copy(owner.id, index));
    if (input && !owner.input.isGiven) of.push(nodeOf.join({ id: owner.join }));
    if (outputs) of.push(...owner.streams.map((id) => nodeOf.stream({ id })));
    of.push(...streams.map(nodeOf.stream));
    if (room) of.push(...this.#hooks.listHolders());
    return of.length === 0 ? FREE : { kind, of };
  }

  /** What the process of a copy waits for; `place` is the number of the pool and that of the copy. */
  askCopy(place: string): Waiting {
    const [id, index] = place.split(" ").map(Number);
    const pool = this.#context.relays.pools[id ?? -1];
    const copy = pool?.copy(index ?? -1);
    const actor = this.#context.actors.get(pool?.topology.actor ?? "");
    const watched = actor?.copies?.get(index ?? -1);
    if (pool !== undefined && copy?.phase === "wanted" && pool.areAllPlacesTaken) {
      return any(
        [...pool.copies].filter(({ phase }) => phase === "running").map(({ index: at }) =>
          nodeOf.copy(id ?? -1, at)
        ),
      );
    }
    if (pool !== undefined && copy?.phase === "ended") return this.#askEnded(pool, copy);
    // One that is about to start goes on by itself.
    if (pool === undefined || copy?.phase !== "running" || actor === undefined || watched === undefined) {
      return FREE;
    }
    const waits = watched.processes.map((process) =>
      this.#hooks.readProcess({
        ...process,
        node: `copy ${place}`,
        findPlaces: (at) => this.#placesOf({ pool, copy, watched, ...process }, at),
        everything: () => this.#everything(pool, copy),
        movedAt: () => lastMove(actor),
      })
    );
    // Of a member one process is enough that goes on.
    const of = waits.flatMap((waiting) => waiting.kind === "free" ? [] : waiting.of);
    return waits.some(({ kind }) => kind === "free") || of.length === 0 ? FREE : any([...new Set(of)]);
  }

  /** The pool is done with it when all that it has written is given on; what it has left behind may write still. */
  #askEnded(pool: WorkerPool, copy: WorkerCopy): Waiting {
    const left = copy.outs.flatMap((_, at) => copy.isOutSpent(at) ? [] : [at]);
    const mayWrite = copy.outs.some(({ fd, isDue }, at) => isDue || (fd !== undefined && !copy.isFullAt(at)));
    return left.length === 0 || mayWrite
      ? FREE
      : { kind: "all", of: left.map((at) => this.#streamOf(pool, at)) };
  }

  /** How far a copy has come. */
  factsOf(id: number, index: number): string {
    const pool = this.#context.relays.pools[id];
    const { given, outs = [] } = pool?.copy(index) ?? {};
    const { processes = [] } = this.#context.actors.get(pool?.topology.actor ?? "")?.copies?.get(index) ?? {};
    return [
      ...processes.map(({ pid }) => pid),
      given,
      ...outs.map(({ log, position }) => log.tail + position),
    ].join(" ");
  }

  /** A process has pipes of its own: what others of its actor have in theirs is nothing to it. */
  #placesOf(
    { pool, copy, watched, pipes }: {
      readonly pool: WorkerPool;
      readonly copy: WorkerCopy;
      readonly watched: WatchedCopy;
      readonly pipes: ReadonlySet<string>;
    },
    waits: readonly PipeWait[],
  ): readonly string[] | "busy" {
    const places: string[] = [];
    for (const { pipe, does, isEdge } of waits) {
      const isInput = pipe === watched.input && does === "read";
      const at = does === "write" ? watched.outputs.indexOf(pipe) : -1;
      if (!isInput && at === -1) {
        // Its standard error leads out of sight; any other pipe is between its own processes.
        if (pipes.has(pipe)) return "busy";
        continue;
      }
      // When the engine has closed its end, the process sees that: it goes on.
      const isReady = isInput ? copy.hasInput : !copy.isFullAt(at);
      if (isReady && !isEdge) return "busy";
      if (!isReady) places.push(isInput ? this.#joinOf(pool) : this.#streamOf(pool, at));
    }
    return places;
  }

  #everything(pool: WorkerPool, copy: WorkerCopy): readonly string[] {
    const full = copy.outs.flatMap((_, at) => copy.isFullAt(at) ? [this.#streamOf(pool, at)] : []);
    return copy.hasInput ? full : [this.#joinOf(pool), ...full];
  }

  /** Who gives room in the store back by going on: who reads what waits for it, or whose output waits. */
  listHolders(): readonly string[] {
    return this.#context.relays.pools.flatMap((pool, id) =>
      [...pool.copies].flatMap((copy) => [
        ...(copy.waiting > 0 ? [nodeOf.copy(id, copy.index)] : []),
        ...copy.outs.flatMap(({ log, position }, at) =>
          position < log.tail ? [this.#streamOf(pool, at)] : []
        ),
      ])
    );
  }

  #joinOf({ topology }: WorkerPool): string {
    return nodeOf.join({ id: topology.join });
  }

  #streamOf({ topology }: WorkerPool, at: number): string {
    return nodeOf.stream({ id: topology.streams[at] ?? -1 });
  }
}
