/**
 * The actors with workers in a run: has a process for each worker that the relays want, and gives the verdict on the whole.
 */
import type { ActorResult } from "../../core/result.ts";
import { readPosition } from "../../process/proc/process_table.ts";
import type { ActorRun, CopyPlace } from "../state/actor_run.ts";
import { PooledActor } from "../state/pooled_actor.ts";
import type { RelayClient } from "../relays/relay_client.ts";
import type { RunCapture } from "../capture/run_capture.ts";
import type { RunState } from "../state/run_state.ts";
import type { Wiring } from "../wiring/wiring.ts";

interface PoolsContext {
  readonly state: RunState;
  readonly relays: RelayClient;
  readonly wiring: Wiring;
  readonly capture: RunCapture | undefined;
}

export class RunPools {
  readonly #context: PoolsContext;
  /** By their numbers in the relays. */
  readonly #pools = new Map<number, PooledActor>();

  constructor(context: PoolsContext) {
    this.#context = context;
  }

  /** The copies that may be processes now. */
  listLive(): readonly ActorRun[] {
    return [...this.#pools.values()].flatMap(({ live }) => [...live]);
  }

  /** Begins to share out the input of an actor; its processes are started as the relays want them. */
  open(run: ActorRun, places: number): void {
    const { state, relays, wiring } = this.#context;
    const pool = new PooledActor(run, { id: relays.poolOf(run.actor.name), places });
    this.#pools.set(pool.id, pool);
    state.takePlaces(pool.places);
    run.pool(Date.now());
    wiring.openPool(run);
    relays.openPool(pool.id);
  }

  /** Another worker, that is to be started; undefined when none is to be any more. */
  add(id: number, index: number): ActorRun | undefined {
    const { state, relays } = this.#context;
    const pool = this.#pools.get(id);
    if (pool !== undefined && !state.isStopping) return pool.add(index);
    if (pool !== undefined) relays.endCopy(id, { copy: index, pid: undefined, how: "failed" });
    return undefined;
  }

  /** A worker has ended for good, or could not be started. */
  endCopy(run: ActorRun, { pool: id, index, member }: CopyPlace): void {
    if (member !== undefined) return member.end();
    const pool = this.#pools.get(id);
    if (pool === undefined || run.phase.phase !== "ended") return;
    const { result } = run.phase;
    pool.remove(run);
    const how = result.state === "done" ? "well" : "failed";
    this.#context.relays.endCopy(pool.id, { copy: index, pid: result.pid, how });
    if (how === "failed") {
      pool.hasFailed ||= result.state === "failed";
      this.#context.wiring.edges.closePool(pool.run);
    }
  }

  /** All input was shared out, and no process is left. */
  end(id: number): void {
    const { state, relays } = this.#context;
    const pool = this.#pools.get(id);
    if (pool?.run.phase.phase !== "pooled") return;
    const { run } = pool;
    const { startedAt } = pool.run.phase;
    const endedAt = Date.now();
    const end = pool.hasFailed ? "failed" : state.isStopping ? "stopped" : "done";
    const result: ActorResult = {
      state: end,
      processes: pool.started,
      ...(end === "done" && run.gate.haveAllReadersLeft() ? { closedEarly: true } : {}),
      startedAt,
      endedAt,
      durationMs: endedAt - startedAt,
      bytesIn: run.countBytesIn({ ofEdges: (edges) => relays.countGiven(edges), ofFile: readPosition }),
      bytesOut: run.gate.countBytes(),
      peakMemoryBytes: run.process.peakMemoryBytes,
    };
    run.end(result);
    this.#pools.delete(id);
    state.freePlaces(pool.places);
    relays.noteEnded(run.actor.name);
    if (end !== "stopped" && result.closedEarly !== true) this.#context.capture?.noteFinished(run.actor.name);
    state.emit({ type: "actor-ended", actor: run.actor.name, result });
    state.change();
  }

  /** No more lines are given to anybody. */
  closeAll(): void {
    for (const { run } of this.#pools.values()) this.#context.wiring.edges.closePool(run);
  }
}
