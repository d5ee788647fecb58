/**
 * The streams, edges and joins of a topology, before anything is opened.
 */
import { FANOUT_BYTES, FANOUT_BYTES_MIN, FANOUTS_BYTES } from "../../core/limits/streams.ts";
import type { DescriptorIo } from "../../host/descriptor_io/descriptor_io.ts";
import type { BlockStore } from "../../data/block_store.ts";
import type { EdgeState, JoinState, StreamState } from "./relay_states.ts";
import type { RelayTopology } from "./relay_topology.ts";
import { StreamLog } from "./stream_log.ts";

export interface RelayStates {
  readonly streams: readonly StreamState[];
  readonly joins: readonly JoinState[];
  readonly edges: readonly EdgeState[];
}

/** Makes them all; pools are put in their places by whoever makes pools. */
export function makeRelayStates(
  topology: RelayTopology,
  { io, store }: { readonly io: DescriptorIo; readonly store: BlockStore },
): RelayStates {
  const shareBytes = Math.max(
    FANOUT_BYTES_MIN,
    Math.min(FANOUT_BYTES, Math.floor(FANOUTS_BYTES / topology.streams.length)),
  );
  const streams = topology.streams.map(({ isWithheld = false }, id): StreamState => ({
    id,
    edges: [],
    log: new StreamLog(io, store),
    phase: "unopened",
    source: undefined,
    isReadable: false,
    taken: 0,
    movedAt: 0,
    hasBegun: false,
    isWithheld,
    gathered: undefined,
    shareBytes,
    tap: undefined,
    isWhole: true,
  }));
  const joins = topology.joins.map(({ merge, isKept = false, isCopy = false }, id): JoinState => ({
    id,
    merge,
    edges: [],
    phase: "unopened",
    fd: -1,
    isFile: false,
    path: undefined,
    isKept,
    isCopy,
    cut: undefined,
    isWritable: false,
    current: 0,
    pending: undefined,
    turn: undefined,
    begun: new Map(),
  }));
  return { streams, joins, edges: connect(topology, { streams, joins }) };
}

function connect(
  topology: RelayTopology,
  { streams, joins }: { readonly streams: readonly StreamState[]; readonly joins: readonly JoinState[] },
): readonly EdgeState[] {
  const joinOf = new Map(topology.joins.flatMap(({ edges }, id) => edges.map((edge) => [edge, joins[id]])));
  const withheld = new Set(topology.units?.flatMap((unit) => unit.withheld));
  const kept = new Set(topology.units?.flatMap((unit) => unit.kept));
  const made = new Map<number, EdgeState>();
  for (const [id, { edges }] of topology.streams.entries()) {
    const stream = streams[id];
    for (const edge of edges) {
      const join = joinOf.get(edge);
      if (stream === undefined || join === undefined) throw new Error(`Edge ${edge} leads nowhere`);
      const state = {
        id: edge,
        stream,
        join,
        position: 0,
        capacity: Infinity,
        isDropped: false,
        isWithheld: withheld.has(edge),
        isKept: kept.has(edge),
        movedAt: 0,
      };
      stream.edges.push(state);
      made.set(edge, state);
    }
  }
  // A join reads its edges in its own order.
  for (const [id, { edges }] of topology.joins.entries()) {
    joins[id]?.edges.push(...edges.flatMap((edge) => made.get(edge) ?? []));
  }
  return [...made.values()];
}
