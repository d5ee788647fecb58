/**
 * What the run and the thread of its relays say to each other. Streams, joins and edges are numbered as in the
 * topology; an edge has the number of its plan.
 */
import type { Deadlock } from "../../core/failure.ts";
import type { MemberRecord } from "../../core/flow.ts";
import type { SplitFiles } from "../../pipe/split/split.ts";
import type { SplitEnd } from "../../pipe/state/relay_hooks.ts";
import type { JoinTarget } from "../../pipe/state/relay_states.ts";
import type { RelayTopology } from "../../pipe/state/relay_topology.ts";
import type { GrownBuffer } from "../deadlock/deadlock_watch.ts";

/** How far the relays may go. */
export interface RelayLimits {
  /** Where the spill file is made. */
  readonly folder: string;
  readonly memoryBytes: number;
  readonly spillBytes: number;
  /** True when an actor may have to wait until others have ended. */
  readonly hasPlaces: boolean;
}

export interface RelaySetup extends RelayLimits {
  readonly topology: RelayTopology;
  readonly board: SharedArrayBuffer;
  /** A byte on this pipe says that a command waits. Undefined where nobody can wait for a pipe. */
  readonly wakeFd: number | undefined;
  readonly isLazy: boolean;
}

/** The process of a copy is there, with the engine's ends of its pipes. */
export interface CopyOpened {
  readonly copy: number;
  /** Undefined for a member. */
  readonly inFd: number | undefined;
  /** In the order of the pool's streams. */
  readonly outFds: readonly (number | "later" | undefined)[];
  /** They are files that are whole. */
  readonly areFiles?: boolean;
  /** Undefined when it is told later. */
  readonly pid: number | undefined;
  readonly pipes: readonly string[];
}

export interface CopyEnded {
  readonly copy: number;
  readonly pid: number | undefined;
  readonly how: "well" | "failed" | "again";
  /** Only these outputs are of the process that is run again. */
  readonly outs?: readonly number[];
}

export type RelayCommand =
  | {
    readonly type: "stream";
    readonly stream: number;
    readonly kind: "pipe" | "device" | "file";
    readonly fd: number;
    readonly tap?: number;
    readonly isUnwritten?: boolean;
  }
  | { readonly type: "file"; readonly stream: number; readonly path: string }
  | { readonly type: "bytes"; readonly stream: number; readonly bytes: Uint8Array }
  | { readonly type: "close-stream" | "rewind-stream" | "release-stream"; readonly stream: number }
  | { readonly type: "unit"; readonly unit: number; readonly becomes: UnitFate }
  | { readonly type: "join"; readonly join: number; readonly target: JoinTarget }
  | { readonly type: "drop-join" | "rewind-join" | "settle-join"; readonly join: number }
  | {
    readonly type: "actor-started";
    readonly actor: string;
    readonly pid: number;
    /** The pipes it was given, as `/proc` names them. */
    readonly pipes: readonly string[];
  }
  | { readonly type: "actor-ended"; readonly actor: string }
  /** Asks whether everything that was said before was looked at. */
  | { readonly type: "catch-up" }
  | { readonly type: "open-pool"; readonly pool: number }
  | CopyOpened & { readonly type: "copy-opened"; readonly pool: number }
  | CopyEnded & { readonly type: "copy-ended"; readonly pool: number }
  | { readonly type: "open-split"; readonly split: number; readonly files: readonly SplitFiles[] }
  | { readonly type: "stop" };

/** `rewound`: it is run again. `released`: all of it has ended well. `failed`: there is no further try. */
export type UnitFate = "rewound" | "released" | "failed";

export type RelayReport =
  | { readonly type: "begun"; readonly stream: number }
  | { readonly type: "stream-ended"; readonly stream: number; readonly end: StreamEnding }
  | { readonly type: "lost"; readonly stream: number }
  | {
    readonly type: "join-ended";
    readonly join: number;
    readonly end: "ended" | "reader-left";
    readonly error?: RelayError;
  }
  | { readonly type: "grown"; readonly growth: GrownBuffer }
  | { readonly type: "deadlock"; readonly deadlock: Deadlock }
  | {
    readonly type: "copy-wanted";
    readonly pool: number;
    readonly copy: number;
    readonly record?: MemberRecord;
  }
  | { readonly type: "pool-ended"; readonly pool: number }
  | { readonly type: "split-ended"; readonly split: number; readonly end: SplitEnding }
  /** What is told from now on is of its next try. */
  | { readonly type: "unit-rewound"; readonly unit: number }
  /** All that was there has had its turn. */
  | { readonly type: "caught-up" }
  | { readonly type: "stopped" };

/** How the reading of a stream has ended. */
export interface StreamEnding {
  /** True when its writer has ended it. */
  readonly isWhole: boolean;
  readonly error?: RelayError;
}

/** How a split has ended; an error of the system as it crosses between threads. */
export type SplitEnding =
  | Exclude<SplitEnd, { readonly how: "unwritten" }>
  | { readonly how: "unwritten"; readonly output: number; readonly error: RelayError };

/** An error of the system, as it crosses between threads. */
export interface RelayError {
  readonly code: string;
  readonly message: string;
}
