/**
 * One actor in one run: how it is joined to others, and what has become of it. While it is a single process, what is
 * known of that is its process's to tell.
 *
 *   single ─┬─ its process has ended, or there is none ──▶ ended
 *           └─▶ pooled: several processes, or messages ──▶ ended
 */
import type { FullDisk } from "../../core/failure.ts";
import type { Actor } from "../../core/flow.ts";
import { isProcess, isSplit } from "../../core/flow.ts";
import type { Edge } from "../../core/plan.ts";
import type { ActorResult, ActorState } from "../../core/result.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { ProcessPorts, Wires } from "../../process/state/wires.ts";
import { ProcessRun } from "../../process/state/process_run.ts";
import type { MemberTally } from "./member_tally.ts";
import type { DirectPipe } from "../pipes/direct_pipe.ts";
import { OutputGate } from "../pipes/output_gate.ts";

export type ActorPhase =
  /** It is one process, or a source. */
  | { readonly phase: "single" }
  /** It has workers, or talks in messages: it is several processes, and none itself. */
  | { readonly phase: "pooled"; readonly startedAt: number; readonly members?: MemberTally }
  | { readonly phase: "ended"; readonly result: ActorResult };

/** How an input of the actor is fed, for counting. */
export type InputFeed =
  | { readonly kind: "relay"; readonly edges: readonly Edge[] }
  | { readonly kind: "file"; readonly fd: number }
  | { readonly kind: "unseen" };

/** The place of a process of a pool: of a worker among those of its actor, or in its member. */
export interface CopyPlace {
  /** The number of the pool in the relays. */
  readonly pool: number;
  /** Its number in the relays; every copy has another one. */
  readonly index: number;
  /** Of a worker: from 1 to the number of workers; one after the other may have the same. */
  readonly slot?: number;
  readonly member?: MemberPlace;
}

/** A process of a member of a set of a stream: what its life asks of it. */
export interface MemberPlace {
  /** Its outputs among those of the member. */
  readonly outs: readonly number[];
  /** Makes ready what it reads and writes. */
  readonly wire: (wires: Wires) => ProcessPorts;
  /** It has ended for good, or could not be started. */
  readonly end: () => void;
  /** The folders of the files that it writes by itself, and what is told when their disks are full. */
  readonly listWritten: () => readonly { readonly folder: string; readonly tells: FullDisk }[];
}

export class ActorRun {
  readonly actor: Actor;
  readonly process: ProcessRun;
  gate = new OutputGate();
  #phase: ActorPhase = { phase: "single" };
  /** The edges through the engine that bring it something; a lazy start waits for each. */
  readonly relayedIn: Edge[] = [];
  readonly feeds: InputFeed[] = [];
  /** Kernel pipes it reads, with the actor that writes each. */
  readonly pipesIn: { readonly pipe: DirectPipe; readonly writer: ActorRun }[] = [];
  /** Kernel pipes it writes, with its descriptor for each. */
  readonly pipesOut: { readonly pipe: DirectPipe; readonly fd: number }[] = [];
  /** Resolve when its relayed streams are at their ends. */
  readonly streamsEnded: Promise<void>[] = [];

  /** Which worker it is, when it is one of several processes of an actor. */
  readonly copy: CopyPlace | undefined;

  constructor(actor: Actor, copy?: CopyPlace) {
    this.actor = actor;
    this.copy = copy;
    this.process = new ProcessRun(actor, {
      lookAtOutputs: (pid) => this.pipesOut.forEach(({ pipe, fd }) => pipe.releaseIfClosed(pid, fd)),
    });
  }

  get phase(): ActorPhase {
    return this.#phase;
  }

  /** It becomes several processes, or talks in messages. */
  pool(startedAt: number, members?: MemberTally): void {
    this.#phase = { phase: "pooled", startedAt, ...members && { members } };
  }

  /** It has ended, or is none any more. */
  end(result: ActorResult): void {
    this.#phase = { phase: "ended", result };
  }

  /** Forgets the last try. */
  reset(): void {
    this.gate = new OutputGate();
    this.process.reset();
    for (const list of [this.feeds, this.pipesIn, this.pipesOut, this.streamsEnded]) list.length = 0;
  }

  /** Everything of it is as it was before it was first started. */
  begin(): void {
    this.reset();
    this.process.begin();
    this.#phase = { phase: "single" };
  }

  /** What is known of it when the run is over. */
  get result(): ActorResult {
    switch (this.phase.phase) {
      case "ended":
        return this.phase.result;
      case "pooled":
        return { state: "running" };
      case "single":
        // Sources are no processes: they are built from the start.
        return { state: isProcess(this.actor) || isSplit(this.actor) ? stateOf(this.process) : "done" };
      default:
        return unreachable(this.phase);
    }
  }

  /** Counts once more when everything has passed: its last bytes may have been read after it had ended. */
  recount(): void {
    if (this.phase.phase !== "ended" || this.phase.result.bytesOut === undefined) return;
    if (this.phase.result.cached === true) return; // It has written nothing.
    this.end({ ...this.phase.result, bytesOut: this.gate.countBytes() });
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

/** That of an actor whose end was not told. */
function stateOf({ state }: ProcessRun): ActorState {
  switch (state.is) {
    case "waiting":
      return "waiting";
    case "running":
    case "ended":
      return "running";
    case "resting":
      return "stopped";
    default:
      return unreachable(state);
  }
}
