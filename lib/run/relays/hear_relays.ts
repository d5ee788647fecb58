/**
 * What the thread of the relays tells, said with the names of the run instead of numbers.
 */
import type { Deadlock } from "../../core/failure.ts";
import type { MemberRecord, StreamRef } from "../../core/flow.ts";
import type { Edge } from "../../core/plan.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { GrownBuffer } from "../deadlock/deadlock_watch.ts";
import type { RelayError, RelayReport, SplitEnding, StreamEnding } from "./relay_protocol.ts";
import type { RelayedJoin, RelayedStream } from "./relay_setup.ts";
import type { RelayedEdges } from "./relayed_edges.ts";

/** Whoever is told what becomes of the relays. */
export interface RelayListener {
  /** A stream has got its first bytes or its end. */
  readonly onBegun: (stream: RelayedStream) => void;
  readonly onStreamEnded: (stream: RelayedStream, end: StreamEnding) => void;
  readonly onLost: (stream: RelayedStream) => void;
  readonly onJoinEnded: (join: RelayedJoin, error: RelayError | undefined) => void;
  /** What is copied of a stream for the capture is not all of it. */
  readonly onCopyCut: (stream: StreamRef, error: RelayError | undefined) => void;
  /** All of a stream is kept, or no more can be. */
  readonly onKept: (stream: StreamRef, error: RelayError | undefined) => void;
  /** A buffer on a closed cycle of waiting became larger. */
  readonly onGrown: (edge: Edge, growth: GrownBuffer) => void;
  /** Actors wait for each other for ever. */
  readonly onDeadlock: (deadlock: Deadlock) => void;
  /** All streams that were opened before it was asked were looked at. */
  readonly onCaughtUp: () => void;
  /** A process is wanted for a copy of an actor with workers, or those of the member that a record is. */
  readonly onCopyWanted: (pool: number, copy: number, record?: MemberRecord) => void;
  /** All input of an actor with workers was shared out, and no process of it is left. */
  readonly onPoolEnded: (pool: number) => void;
  /** An actor that splits its input has got all of it, or cannot go on. */
  readonly onSplitEnded: (actor: string, end: SplitEnding) => void;
  /** Everything is ready for another try of a unit. */
  readonly onUnitRewound: (unit: number) => void;
}

/** Tells a report of the thread to whoever listens. */
export function hearRelays(
  report: Exclude<RelayReport, { type: "stopped" }>,
  { edges, listener }: { readonly edges: RelayedEdges; readonly listener: RelayListener },
): void {
  switch (report.type) {
    case "begun":
    case "lost":
    case "stream-ended": {
      const stream = edges.streams[report.stream];
      return stream === undefined ? undefined : hearStream(report, { stream, edges, listener });
    }
    case "join-ended":
      return hearJoin(report, { edges, listener });
    case "grown": {
      const edge = edges.edgeAt(report.growth.edge);
      return edge === undefined ? undefined : listener.onGrown(edge, report.growth);
    }
    case "deadlock":
      return listener.onDeadlock(report.deadlock);
    case "copy-wanted":
      return listener.onCopyWanted(report.pool, report.copy, report.record);
    case "caught-up":
      return listener.onCaughtUp();
    case "pool-ended":
      return listener.onPoolEnded(report.pool);
    case "split-ended": {
      const actor = edges.splitAt(report.split);
      return actor === undefined ? undefined : listener.onSplitEnded(actor, report.end);
    }
    case "unit-rewound":
      edges.rewindUnit(report.unit);
      return listener.onUnitRewound(report.unit);
    default:
      return unreachable(report);
  }
}

function hearStream(
  report: Extract<RelayReport, { type: "begun" | "lost" | "stream-ended" }>,
  { stream, edges, listener }: {
    readonly stream: RelayedStream;
    readonly edges: RelayedEdges;
    readonly listener: RelayListener;
  },
): void {
  switch (report.type) {
    case "begun":
      edges.noteBegun(stream);
      return listener.onBegun(stream);
    case "lost":
      return edges.isForgotten(stream) ? undefined : listener.onLost(stream);
    case "stream-ended":
      edges.noteEnded(stream);
      return listener.onStreamEnded(stream, report.end);
  }
}

/** The end of a join of the plan, or of a copy: one that is kept has its end, one for a capture may be cut. */
function hearJoin(
  { join, end, error }: Extract<RelayReport, { type: "join-ended" }>,
  { edges, listener }: { readonly edges: RelayedEdges; readonly listener: RelayListener },
): void {
  const joined = edges.joins[join];
  if (joined !== undefined) return listener.onJoinEnded(joined, error);
  const copy = edges.sideAt(join);
  const [edge] = copy?.of.edges ?? [];
  if (copy === undefined || edge === undefined) return;
  edges.noteCopied(copy);
  if (copy.purpose === "keep") listener.onKept(edge.from, error);
  else if (end === "reader-left") listener.onCopyCut(edge.from, error);
}
