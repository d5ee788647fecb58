/** What relays tell whoever runs them. */
import type { MemberRecord } from "../../core/flow.ts";

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
}
