/** What relays tell whoever runs them. */
import type { MemberRecord } from "../../core/flow.ts";

/** How a split has ended. */
export type SplitEnd =
  | {
    readonly how: "whole";
    /** In the order in which they came first. */
    readonly keys: readonly string[];
    /** Bytes of each of its outputs, all files together. */
    readonly bytes: readonly number[];
  }
  /** What is wrong with which record. */
  | { readonly how: "refused"; readonly problem: string }
  /** The system did not write an output. */
  | { readonly how: "unwritten"; readonly output: number; readonly error: Error };

export interface RelayHooks {
  /** A stream has written something or has ended. */
  readonly onBegun: (stream: number) => void;
  /** A stream was read to its end, or could not be read. */
  readonly onStreamEnded: (stream: number, error?: Error) => void;
  /** All readers of a stream have left before its end. What it writes is forgotten until it is closed. */
  readonly onLost: (stream: number) => void;
  /** A join has written everything, or whoever reads it has left, or it could not be written. */
  readonly onJoinEnded: (join: number, end: "ended" | "reader-left", error?: Error) => void;
  /** A process is wanted for a copy of a worker, or those of the member that a record is. */
  readonly onCopyWanted?: (pool: number, copy: number, record?: MemberRecord) => void;
  /** A pool has no process, and wants none any more. */
  readonly onPoolEnded?: (pool: number) => void;
  /** A split has got all of its input, or cannot go on. */
  readonly onSplitEnded?: (split: number, end: SplitEnd) => void;
}
