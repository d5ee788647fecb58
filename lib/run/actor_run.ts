/**
 * One actor in one run: what is known of it, and its process while it lives.
 *
 *   waiting ──start──▶ running ──exit──▶ ended
 *      │         ▲          │ failed, another try ▲
 *      │         └─ resting ◀┘                    │
 *      └────────────── never started ─────────────┘
 */
import type { Actor } from "../core/flow.ts";
import { isProcess } from "../core/flow.ts";
import type { Edge } from "../core/plan.ts";
import type { Failure } from "../core/failure.ts";
import type { ActorResult } from "../core/result.ts";
import type { DirectPipe } from "./direct_pipe.ts";
import type { PooledActor } from "./pooled_actor.ts";
import { OutputGate } from "./output_gate.ts";

export type ActorPhase =
  | { readonly phase: "waiting" }
  | {
    readonly phase: "running";
    readonly pid: number;
    readonly startedAt: number;
    readonly command: readonly string[];
  }
  /** A try has failed, and the next one has not begun. */
  | { readonly phase: "resting" }
  /** It has workers: its copies are processes, it is none itself. */
  | { readonly phase: "pooled"; readonly startedAt: number }
  | { readonly phase: "ended"; readonly result: ActorResult };

/** How an input of the actor is fed, for counting. */
export type InputFeed =
  | { readonly kind: "relay"; readonly edges: readonly Edge[] }
  | { readonly kind: "file"; readonly fd: number }
  | { readonly kind: "unseen" };

/** The place of a worker among those of its actor. */
export interface WorkerPlace {
  readonly pool: PooledActor;
  /** Its number in the relays; every copy has another one. */
  readonly index: number;
  /** From 1 to the number of workers; one after the other may have the same. */
  readonly slot: number;
}

export class ActorRun {
  readonly actor: Actor;
  gate = new OutputGate();
  readonly lastLines: string[] = [];
  phase: ActorPhase = { phase: "waiting" };
  peakMemoryBytes: number | undefined;
  /** The edges through the engine that bring it something; a lazy start waits for each. */
  readonly relayedIn: Edge[] = [];
  readonly feeds: InputFeed[] = [];
  /** Kernel pipes it reads, with the actor that writes each. */
  readonly pipesIn: { readonly pipe: DirectPipe; readonly writer: ActorRun }[] = [];
  /** Kernel pipes it writes, with its descriptor for each. */
  readonly pipesOut: { readonly pipe: DirectPipe; readonly fd: number }[] = [];
  /** What each of its pipes is to it, by the name in `/proc`: `reads join.left`. */
  readonly pipes = new Map<string, string>();
  /** How often it was started, and when first, in milliseconds since the epoch. */
  attempt = 0;
  firstStartedAt = 0;
  /** The limit of time that it reached, and whether that was told: its end is then no failure of its own. */
  overTime: { readonly failure: Failure; readonly isTold: boolean } | undefined;
  /** What its processes held when it was killed for its limit of memory. */
  overMemoryBytes: number | undefined;
  /** The most processor time that one of its processes was seen with, when that is limited. */
  processorMs = 0;
  /** Resolve when its stderr and its relayed streams are at their ends. */
  stderrEnded: Promise<void> = Promise.resolve();
  /** Asks whether its standard error has ended or has something to be read. */
  lookAtStderr: () => void = () => undefined;
  readonly streamsEnded: Promise<void>[] = [];

  /** Which worker it is, when it is one of several processes of an actor. */
  readonly copy: WorkerPlace | undefined;

  constructor(actor: Actor, copy?: WorkerPlace) {
    this.actor = actor;
    this.copy = copy;
  }

  /** Forgets the last try. */
  reset(): void {
    this.gate = new OutputGate();
    this.overTime = undefined;
    this.overMemoryBytes = undefined;
    this.processorMs = 0;
    this.pipes.clear();
    for (const list of [this.lastLines, this.feeds, this.pipesIn, this.pipesOut, this.streamsEnded]) {
      list.length = 0;
    }
  }

  /** What is known of it when the run is over. */
  get result(): ActorResult {
    if (this.phase.phase === "ended") return this.phase.result;
    // Sources are no processes: they are built from the start.
    if (!isProcess(this.actor)) return { state: "done" };
    const { phase } = this.phase;
    return { state: phase === "resting" ? "stopped" : phase === "pooled" ? "running" : phase };
  }

  /** Counts once more when everything has passed: its last bytes may have been read after it had ended. */
  recount(): void {
    if (this.phase.phase !== "ended" || this.phase.result.bytesOut === undefined) return;
    if (this.phase.result.cached === true) return; // It has written nothing.
    this.phase = { phase: "ended", result: { ...this.phase.result, bytesOut: this.gate.countBytes() } };
  }

  /** Bytes it was given on all inputs; undefined when one is out of the engine's sight. */
  countBytesIn(
    { ofEdges, ofFile }: {
      readonly ofEdges: (edges: readonly Edge[]) => number;
      readonly ofFile: (fd: number) => number | undefined;
    },
  ): number | undefined {
    let sum = 0;
    for (const feed of this.feeds) {
      const bytes = feed.kind === "relay"
        ? ofEdges(feed.edges)
        : feed.kind === "file"
        ? ofFile(feed.fd)
        : undefined;
      if (bytes === undefined) return undefined;
      sum += bytes;
    }
    return sum;
  }
}
