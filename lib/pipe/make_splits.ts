/**
 * The splits among the relays: which join and streams each has, and what it may ask of those around it.
 */
import { SPLIT_HELD_BYTES, SPLIT_HELD_BYTES_MIN } from "../core/limits/split.ts";
import type { DescriptorIo } from "../host/descriptor_io/descriptor_io.ts";
import type { RelayEnds } from "./life/relay_ends.ts";
import type { Claims } from "./split/key_files.ts";
import { Split, type SplitHost } from "./split/split.ts";
import type { RelayStates } from "./state/make_relay_states.ts";
import type { RelayAgenda } from "./state/relay_agenda.ts";
import type { RelayHooks } from "./state/relay_hooks.ts";
import type { RelayLedger } from "./state/relay_ledger.ts";
import type { RelayTopology } from "./state/relay_topology.ts";

interface SplitsContext {
  readonly io: DescriptorIo;
  /** Where to write what nobody reads. */
  readonly nullFd: number;
  readonly ledger: RelayLedger;
  readonly ends: RelayEnds;
  readonly agenda: RelayAgenda;
  readonly hooks: RelayHooks;
}

/** Makes the splits, and joins them to their streams and inputs. */
export function makeSplits(
  { splits: topologies = [], written = [] }: Pick<RelayTopology, "splits" | "written">,
  { streams, joins }: Pick<RelayStates, "streams" | "joins">,
  { io, nullFd, ledger, ends, agenda, hooks }: SplitsContext,
): readonly Split[] {
  const claims: Claims = new Map(written.map((path) => [path, "another output"]));
  const heldBytes = Math.max(SPLIT_HELD_BYTES_MIN, Math.floor(SPLIT_HELD_BYTES / topologies.length));
  return topologies.map((topology, id) => {
    const join = joins[topology.join];
    const numbers = [...topology.streams.map(({ stream }) => stream), topology.keys ?? -1];
    const own = numbers.flatMap((stream) => streams[stream] ?? []);
    const host: SplitHost = {
      io,
      nullFd,
      heldBytes,
      claims,
      noteTaken: (stream, bytes) => {
        ledger.took(stream, bytes);
        agenda.addReaders(stream);
      },
      endStream: (stream) => ends.endStream(stream),
      again: () => agenda.addPool(split),
      starve: () => agenda.starvePool(split),
      resume: () => {
        if (join === undefined) return;
        join.isWritable = true;
        agenda.addJoin(join);
      },
      drop: () => join === undefined ? undefined : ends.dropJoin(join),
      end: (end) => hooks.onSplitEnded?.(id, end),
    };
    const split: Split = new Split(topology, { streams: own, host });
    if (join !== undefined) join.cut = split;
    for (const [at, stream] of own.entries()) stream.gathered = split.outputs[at];
    return split;
  });
}
