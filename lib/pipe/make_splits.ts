/**
 * The splits among the relays: which join each takes, and what it may ask of those around it.
 */
import { SPLIT_HELD_BYTES, SPLIT_HELD_BYTES_MIN } from "../core/limits/split.ts";
import type { RelayIo } from "../host/relay_io/relay_io.ts";
import type { RelayEnds } from "./life/relay_ends.ts";
import type { Claims } from "./split/key_files.ts";
import { Split } from "./split/split.ts";
import type { RelayHooks } from "./state/relay_hooks.ts";
import type { JoinState } from "./state/relay_states.ts";
import type { RelayTopology } from "./state/relay_topology.ts";

/** Makes the splits, and joins them to their inputs. */
export function makeSplits(
  { splits: topologies = [], written = [] }: Pick<RelayTopology, "splits" | "written">,
  { joins, io, ends, hooks }: {
    readonly joins: readonly JoinState[];
    readonly io: RelayIo;
    readonly ends: RelayEnds;
    readonly hooks: RelayHooks;
  },
): readonly Split[] {
  const claims: Claims = new Map(written.map((path) => [path, "another output"]));
  const heldBytes = Math.max(SPLIT_HELD_BYTES_MIN, Math.floor(SPLIT_HELD_BYTES / topologies.length));
  return topologies.map((topology, id) => {
    const join = joins[topology.join];
    const split = new Split(topology, {
      io,
      heldBytes,
      claims,
      drop: () => join === undefined ? undefined : ends.dropJoin(join),
      end: (end) => hooks.onSplitEnded?.(id, end),
    });
    if (join !== undefined) join.cut = split;
    return split;
  });
}
