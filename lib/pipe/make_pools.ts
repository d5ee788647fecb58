/**
 * The pools of workers among the relays: which stream and join each belongs to, and what it may ask of those around it.
 */
import type { BlockStore } from "../data/block_store.ts";
import type { DescriptorIo } from "../host/descriptor_io/descriptor_io.ts";
import type { RelayStates } from "./state/make_relay_states.ts";
import type { PipeOwners } from "./state/pipe_owners.ts";
import type { PoolHost } from "./workers/pool_host.ts";
import type { RelayAgenda } from "./state/relay_agenda.ts";
import type { RelayEnds } from "./life/relay_ends.ts";
import type { RelayHooks } from "./state/relay_hooks.ts";
import type { RelayLedger } from "./state/relay_ledger.ts";
import type { JoinState, StreamState } from "./state/relay_states.ts";
import type { PoolTopology } from "./state/relay_topology.ts";
import { WorkerPool } from "./workers/worker_pool.ts";

interface PoolsContext {
  readonly io: DescriptorIo;
  readonly store: BlockStore;
  /** Where to write what nobody reads. */
  readonly nullFd: number;
  readonly owners: PipeOwners;
  readonly ledger: RelayLedger;
  readonly ends: RelayEnds;
  readonly agenda: RelayAgenda;
  readonly hooks: RelayHooks;
}

/** Makes the pools, and joins them to their streams and inputs. */
export function makePools(
  topologies: readonly PoolTopology[],
  { streams, joins }: Pick<RelayStates, "streams" | "joins">,
  context: PoolsContext,
): readonly WorkerPool[] {
  return topologies.map((topology, id) => {
    const join = joins[topology.join];
    const written = topology.streams.flatMap((stream) => streams[stream] ?? []);
    const host = makeHost(context, { id, join, streams: written, pool: () => pool });
    const pool: WorkerPool = new WorkerPool(topology, { streams: written, host });
    if (join !== undefined) join.cut = pool.input;
    for (const [at, stream] of written.entries()) stream.gathered = pool.outputs[at];
    return pool;
  });
}

/** What a pool may ask; it asks for nothing before it is there itself. */
function makeHost(
  { io, store, nullFd, owners, ledger, ends, agenda, hooks }: PoolsContext,
  { id, join, streams, pool }: {
    readonly id: number;
    readonly join: JoinState | undefined;
    readonly streams: readonly StreamState[];
    readonly pool: () => WorkerPool;
  },
): PoolHost {
  return {
    io,
    store,
    nullFd,
    watch: (fd) => owners.watch(fd, { kind: "pool", pool: pool() }),
    own: (fd) => owners.own(fd, { kind: "pool", pool: pool() }),
    close: (fd) => owners.close(fd),
    push: (stream) => agenda.addReaders(stream),
    noteTaken: (stream, bytes) => {
      ledger.took(stream, bytes);
      agenda.addReaders(stream);
    },
    endStream: (stream) => ends.endStream(stream),
    wantCopy: (copy, record) => hooks.onCopyWanted?.(id, copy, record),
    resume: () => {
      if (join === undefined) return;
      join.isWritable = true;
      agenda.addJoin(join);
    },
    // Workers that write nothing more to anybody get no more lines.
    fail: (error) => {
      for (const stream of streams) ends.endStream(stream, error);
      if (join !== undefined) ends.endJoin(join, "reader-left", error);
    },
    drop: () => join === undefined ? undefined : ends.dropJoin(join),
    starve: () => agenda.starvePool(pool()),
    again: () => agenda.addPool(pool()),
    end: () => hooks.onPoolEnded?.(id),
  };
}
