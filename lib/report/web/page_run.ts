/**
 * What the page shows of a run: the same data while it runs (`--ui`), of a captured run (`sluice ui DB`) and in a file
 * (`--report`). Plain JSON: the server writes it, the browser reads it. Nothing in it is markup: everything that comes
 * from processes is text and has to be shown as text. Times are milliseconds since the epoch by the engine's clock,
 * sizes are bytes; what is not there is not known. Lists are bounded; `more` tells what was left out.
 *
 * ```text
 * GET  /            the page; with ?token=… it sets the cookie and goes on to / (303)
 * GET  /events      server-sent events: `snapshot` (a PageRun) once, and again when a browser is too slow; then
 *                   `change` (a PageChange), at most five a second; the last one has `run.endedAt`
 * GET  /run.json    the PageRun of this moment
 * GET  /layout      a PageLayout; `?open=NAME` for each group or frame that is open (none: the layout of the PageRun)
 * GET  /stream      text, of a captured run: `?name=STREAM&part=head|tail`, or `?name=…&from=BYTE`; at most 64 KiB.
 *                   Headers: x-sluice-size (bytes of the stream), x-sluice-from (where the part begins), x-sluice-complete
 * GET  /metrics     Prometheus' text format
 * POST /control     a PageOrder as JSON, only where `mayControl`; 204, or 4xx with a sentence as text
 * ```
 */
import type { Talk } from "../../core/messaging.ts";
import type { Carrier } from "../../core/plan.ts";
import type { ActorState } from "../../core/result.ts";
import type { WaitStep } from "../../core/wait.ts";
import type { PageActor } from "./page_actor.ts";
import type { PageLayout } from "./page_layout.ts";

export interface PageRun {
  /** Of this format. */
  readonly version: 1;
  /** `report` is a file: there is no server behind it. */
  readonly use: "live" | "captured" | "report";
  readonly run: PageRunState;
  /** True when the page may pause, resume and stop actors. */
  readonly mayControl: boolean;
  /** In start order, without those that `more` counts. */
  readonly actors: readonly PageActor[];
  /** Actors over sets, each one line until it is opened. */
  readonly groups: readonly PageGroup[];
  /** Flows that are used, boxes around actors, from the outside in. */
  readonly frames: readonly PageFrame[];
  readonly edges: readonly PageEdge[];
  /** What is said between actors: what the flow tells of it, and what was seen. */
  readonly talks: readonly PageTalk[];
  readonly outputs: readonly PageOutput[];
  readonly failures: readonly PageFailure[];
  readonly growths: readonly PageGrowth[];
  /** Messages that were not delivered, newest last; the same again and again is told ever more seldom. */
  readonly undelivered: readonly PageUndelivered[];
  /** Rings of waiting, newest last: those that are there and those that were. */
  readonly rings: readonly PageRing[];
  /** What actors did when; oldest first by `id`. Between pieces an actor works (from `startedAt` to `endedAt`). */
  readonly pieces: readonly PagePiece[];
  /** The last steps of messages, oldest first. */
  readonly messages: readonly PageMessage[];
  /** Streams that were captured: their bytes can be asked for at /stream; in a report they are in `part`. */
  readonly streams: readonly PageStream[];
  /** Undefined until it is made: it comes with a change. */
  readonly layout?: PageLayout;
  readonly more: PageMore;
}

/** How much was left out of the lists. */
export interface PageMore {
  readonly actors: number;
  readonly edges: number;
  readonly messages: number;
  readonly pieces: number;
  readonly failures: number;
}

export interface PageRunState {
  readonly id: string;
  readonly flow: string;
  /** `paused`: every process is halted. */
  readonly state: "running" | "paused" | "stopping" | "done" | "failed" | "stopped";
  readonly exitCode?: number;
  readonly startedAt: number;
  /** When this was true: the engine's clock. */
  readonly at: number;
  readonly endedAt?: number;
  /** Why it stops: `failure`, or the name of a signal. */
  readonly stopping?: string;
  /** The number of the run in its database. */
  readonly number?: number;
  /** The engine, by its process. */
  readonly pid?: number;
  /** `sluice 0.1.0, node 24.21.0` */
  readonly engine: string;
}

/** How many of the instances of an actor over sets are in which state. */
export interface PageGroup {
  readonly name: string;
  readonly count: number;
  readonly explain?: string;
  readonly states: Readonly<Record<ActorState, number>>;
}

export interface PageFrame {
  readonly name: string;
  readonly explain?: string;
}

/** A stream going to one input. */
export interface PageEdge {
  readonly id: number;
  /** As people write it: `src`, `src.audit`; the actor alone is `fromActor`. */
  readonly from: string;
  readonly fromActor: string;
  /** `join`, `join.left`; or the target of an output: `-` or a path. */
  readonly to: string;
  /** Undefined for an output. */
  readonly toActor?: string;
  readonly carrier: Carrier;
  /** Why it is carried so. */
  readonly reason: string;
  readonly isOnCycle: boolean;
  /** Given to the reader so far; undefined where a kernel pipe goes past the engine. */
  readonly bytes?: number;
  /** Bytes a second, over the last second or so. */
  readonly rate?: number;
  /** What waits in it, and how much may; full when both are the same. */
  readonly heldBytes?: number;
  readonly capacityBytes?: number;
  /** Some of it lies on disk. */
  readonly isSpilled?: boolean;
  /** How often it had to grow. */
  readonly growths?: number;
  /** Who waits at it now: its reader because it is empty, its writer because it is full. */
  readonly waits?: "reader" | "writer" | "both";
  readonly state: "waiting" | "open" | "ended";
}

export interface PageTalk extends Talk {
  /** How many were seen. */
  readonly count?: number;
}

export interface PageOutput {
  /** `-` or a path, as it is shown. */
  readonly target: string;
  readonly bytes?: number;
  readonly files?: number;
  /** Undefined while it is made; false when the run failed and it was therefore not put in place. */
  readonly isKept?: boolean;
}

export interface PageFailure {
  readonly at: number;
  readonly kind: string;
  readonly actor?: string;
  /** For people, without colours, several lines. */
  readonly text: string;
}

/** A message that could not be delivered, or was refused. */
export interface PageUndelivered {
  readonly at: number;
  /** Such as `NO_ACTOR`, `INVALID`. */
  readonly code: string;
  /** Who sent it, if that is an actor. */
  readonly actor?: string;
  /** For people, one line. */
  readonly text: string;
}

/** A buffer that had to grow, because a ring of waiting had closed. */
export interface PageGrowth {
  readonly at: number;
  /** Of bytes: the edge as people write it. Of messages: the mailbox is `to`. */
  readonly from?: string;
  readonly to: string;
  readonly edge?: number;
  /** Bytes, or messages of a mailbox. */
  readonly capacity: number;
  readonly held?: number;
  readonly isSpilled?: boolean;
  readonly afterMs?: number;
}

export interface PageRing {
  readonly id: number;
  /** `bytes`: a buffer grew, and all went on; `mailboxes` likewise; `asks`: a request was answered with DEADLOCK; `deadlock`: the end. */
  readonly kind: "bytes" | "mailboxes" | "asks" | "deadlock";
  readonly at: number;
  /** One for each that waits, the last waits for the first; empty where only names are known. */
  readonly steps: readonly WaitStep[];
  /** The actors of it, in the same order. */
  readonly actors: readonly string[];
}

/** A stretch of the time line in which an actor did not work. Without `to` it goes on. */
export interface PagePiece {
  /** Ascending. */
  readonly id: number;
  readonly actor: string;
  readonly does: "read" | "write" | "rest" | "paused";
  readonly from: number;
  readonly to?: number;
  readonly edge?: number;
  readonly waitsFor?: string;
}

/** A step of a message on its way. */
export interface PageMessage {
  /** Ascending. */
  readonly number: number;
  readonly at: number;
  readonly step: "sent" | "delivered" | "dead";
  readonly id: string;
  readonly type: string;
  /** An address, or empty for a record of a stream. */
  readonly sender: string;
  readonly receiver: string;
  readonly correlationId?: string;
  readonly bytes: number;
}

export interface PageStream {
  /** `foo`, `foo.audit` */
  readonly name: string;
  readonly actor: string;
  readonly port: string;
  readonly bytes: number;
  readonly isComplete: boolean;
  /** In a report: its beginning and its end as text, bounded; `tail` only where the head is not all. */
  readonly head?: string;
  readonly tail?: string;
}

/** How much a PageRun holds at most. */
export const PAGE_LIMITS = {
  actors: 10_000,
  edges: 30_000,
  stderrLines: 200,
  messages: 1_000,
  pieces: 10_000,
  failures: 1_000,
  growths: 1_000,
  undelivered: 1_000,
  rings: 100,
} as const;
