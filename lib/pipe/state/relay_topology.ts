/**
 * Which relays a run has, and which pools of workers: fixed before it begins. All numbers are indices.
 */
import type { Merge, SplitRule, Workers } from "../../core/flow.ts";

/** Which relays there are; all numbers are indices. */
export interface RelayTopology {
  readonly streams: readonly {
    readonly edges: readonly number[];
    /** As people write it: `src`, `src.audit`. */
    readonly name: string;
    /** The process that writes it; undefined for sources. */
    readonly writer: string | undefined;
    /** Its readers get nothing before it is released. */
    readonly isWithheld?: boolean;
  }[];
  readonly joins: readonly {
    readonly edges: readonly number[];
    readonly merge: Merge;
    /** As people write it: `join`, `join.left`, `report.txt`. */
    readonly name: string;
    /** The process that reads it; undefined for outputs of the flow. */
    readonly reader: string | undefined;
    /** It may be given from the beginning again, until it is settled. */
    readonly isKept?: boolean;
    /** Its reader is given a file when that is complete. */
    readonly isFile?: boolean;
    /** It gets a copy for the capture: a stream whose readers have left has none any more, whatever this takes. */
    readonly isCopy?: boolean;
  }[];
  readonly edgeCount: number;
  /** Who is not started before what another one has written is kept whole. */
  readonly kept?: readonly { readonly writer: string; readonly reader: string }[];
  /** The actors with workers. */
  readonly pools?: readonly PoolTopology[];
  /** The actors that split what they read by key. */
  readonly splits?: readonly SplitTopology[];
  /** The files of other outputs, which no key may write. @default none */
  readonly written?: readonly string[];
  /** Actors that are run again together. */
  readonly units?: readonly UnitTopology[];
}

export interface SplitTopology {
  /** As people write it. */
  readonly actor: string;
  readonly rule: SplitRule;
  /** The join that is split. */
  readonly join: number;
  /** The streams of single keys that somebody reads. */
  readonly streams: readonly { readonly key: string; readonly stream: number }[];
  /** The stream that is the list of its keys, when somebody reads it. */
  readonly keys?: number;
}

/** All numbers are indices into the topology of the relays. */
export interface UnitTopology {
  readonly actors: readonly string[];
  /** What they write, and what they read. */
  readonly streams: readonly number[];
  readonly joins: readonly number[];
  /** The edges that lead out of it, and into it. */
  readonly withheld: readonly number[];
  readonly kept: readonly number[];
}

/** All numbers of joins and streams are indices into the topology of the relays. */
export interface PoolTopology extends Omit<Workers, "spread"> {
  /** `members`: each line is told, and has processes of its own that do not read it. */
  readonly spread: Workers["spread"] | { readonly kind: "members" };
  /** The actor whose input it takes. */
  readonly actor: string;
  /** The join that is cut. */
  readonly join: number;
  /** The streams that are gathered. */
  readonly streams: readonly number[];
  /** A failed copy may be run again. */
  readonly isRetried: boolean;
}
