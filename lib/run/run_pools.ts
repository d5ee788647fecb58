/**
 * The actors with workers in a run: starts their processes as the relays want them, and gives the verdict on the whole.
 */
import type { ActorResult } from "../core/result.ts";
import { readPosition } from "../process/process_table.ts";
import type { ActorRun, WorkerPlace } from "./actor_run.ts";
import { PooledActor } from "./pooled_actor.ts";
import type { RelayClient } from "./relay_client.ts";
import type { RunCapture } from "./run_capture.ts";
import type { RunState } from "./run_state.ts";
import type { Wiring } from "./wiring.ts";

interface PoolsContext {
  readonly state: RunState;
  readonly relays: RelayClient;
  readonly wiring: Wiring;
  readonly capture: RunCapture | undefined;
  /** Starts the process of a copy. */
  readonly start: (copy: ActorRun) => Promise<void>;
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
    state.running += pool.places;
    run.phase = { phase: "pooled", startedAt: Date.now() };
    wiring.openPool(run);
    relays.openPool(pool.id);
  }

  startCopy(id: number, index: number): void {
    const { state, relays, start } = this.#context;
    const pool = this.#pools.get(id);
    if (pool === undefined) return;
    if (state.isStopping) return relays.endCopy(id, { copy: index, pid: undefined, how: "failed" });
    state.track(start(pool.add(index)));
  }

  /** A worker has ended for good, or could not be started. */
  endCopy(run: ActorRun, { pool, index }: WorkerPlace): void {
    if (run.phase.phase !== "ended") return;
    const { result } = run.phase;
    const pooled = this.#pools.get(pool);
    pooled?.remove(run);
    const how = result.state === "done" ? "well" : "failed";
    this.#context.relays.endCopy(pool, { copy: index, pid: result.pid, how });
    if (how === "failed" && pooled !== undefined) {
      pooled.hasFailed ||= result.state === "failed";
      this.#context.wiring.closePool(pooled.run);
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
    run.phase = { phase: "ended", result };
    this.#pools.delete(id);
    state.running -= pool.places;
    relays.noteEnded(run.actor.name);
    if (end !== "stopped" && result.closedEarly !== true) this.#context.capture?.noteFinished(run.actor.name);
    state.emit({ type: "actor-ended", actor: run.actor.name, result });
    state.change();
  }

  /** No more lines are given to anybody. */
  closeAll(): void {
    for (const { run } of this.#pools.values()) this.#context.wiring.closePool(run);
  }
}
