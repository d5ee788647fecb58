/**
 * What happens in a run. Text, progress and logs only consume these; `at` is milliseconds since the epoch.
 */
import type { MessageEvent } from "./message_event.ts";
import type { ActorResult, MemberCounts, OutputResult } from "./result.ts";
import type { Failure } from "./failure.ts";
import type { WaitStep } from "./wait.ts";

export type RunEvent = { readonly at: number } & RunEventBody;

export type RunEventBody =
  | {
    readonly type: "run-started";
    readonly run: string;
    readonly flow: string;
    readonly actors: readonly string[];
  }
  | {
    readonly type: "actor-started";
    readonly actor: string;
    /** Which of its workers, from 1; each process of an actor with workers is told. */
    readonly worker?: number;
    readonly pid: number;
    readonly command: readonly string[];
  }
  /** One line the actor wrote to stderr, without its line break. */
  | { readonly type: "stderr"; readonly actor: string; readonly line: string }
  /** How far things are; about five times a second, only when somebody listens. */
  | { readonly type: "progress"; readonly actors: Readonly<Record<string, ActorProgress>> }
  /** How full edges are, and who waits at them: what has changed since the last time; only when somebody looks. */
  | {
    readonly type: "edges";
    readonly edges: readonly EdgeProgress[];
    readonly waits: readonly ActorWaiting[];
  }
  /** A closed cycle of waiting was resolved: this edge may hold more now. */
  | {
    readonly type: "buffer-grown";
    /** The edge as people write it: `src` and `join.left`. */
    readonly from: string;
    readonly to: string;
    readonly capacityBytes: number;
    readonly heldBytes: number;
    /** True when some of what it holds lies on disk. */
    readonly isSpilled: boolean;
    /** How long nothing had moved on the cycle, in milliseconds. */
    readonly afterMs: number;
    readonly cycle: readonly WaitStep[];
  }
  /** A try of the actor has failed, and it is run again. */
  | {
    readonly type: "actor-retried";
    readonly actor: string;
    readonly worker?: number;
    /** Which try has failed, from 1, and how many there may be. */
    readonly attempt: number;
    readonly attemptsMax: number;
    /** When it is run again, in milliseconds from now. */
    readonly delayMs: number;
    readonly failure: Failure;
  }
  /** A try of a flow that is used has failed as a whole: all of its actors are run again. */
  | {
    readonly type: "unit-retried";
    /** The actor that stands for the flow. */
    readonly actor: string;
    readonly attempt: number;
    readonly attemptsMax: number;
    readonly delayMs: number;
    /** That of the first actor that has failed. */
    readonly failure: Failure;
  }
  /** Nobody has been at the other end of a named pipe for a while; told once of each. */
  | {
    readonly type: "pipe-waiting";
    /** The actor that is read from it, or the target of `out` that it is. */
    readonly actor: string;
    /** `for somebody who reads the named pipe`. */
    readonly waits: string;
  }
  /** An actor has let the graph grow by another one. */
  | {
    readonly type: "actor-spawned";
    readonly actor: string;
    readonly by: string;
    /** It takes messages, it is a process that writes records, or it is a value. */
    readonly kind: "messages" | "bytes" | "value";
  }
  | { readonly type: "actor-ended"; readonly actor: string; readonly result: ActorResult }
  /** A message actor's process has ended, and is started again. */
  | {
    readonly type: "actor-restarted";
    readonly actor: string;
    /** How many failures there were within the period. */
    readonly failures: number;
    readonly delayMs: number;
    readonly failure?: Failure;
  }
  | MessageEvent
  /** One process of an actor with workers. */
  | {
    readonly type: "worker-ended";
    readonly actor: string;
    readonly worker: number;
    readonly result: ActorResult;
  }
  | { readonly type: "failure"; readonly failure: Failure }
  /** A message actor says that the run is over, and why; empty when it gave no reason. Told once of each actor. */
  | {
    readonly type: "finishing";
    readonly actor: string;
    readonly reason: string;
    /** With another one than 0 it says that the run has failed: a failure that is told as well. */
    readonly code: number;
  }
  | { readonly type: "stopping"; readonly reason: "failure" | "signal" | "abort"; readonly signal?: string }
  | { readonly type: "output"; readonly output: OutputResult }
  | {
    readonly type: "run-ended";
    readonly run: string;
    readonly state: "done" | "failed" | "stopped";
    readonly exitCode: number;
    readonly durationMs: number;
  };

/** A live figure; bytes are what the engine has seen so far, left out where a kernel pipe carries them past it. */
export interface ActorProgress {
  readonly state: ActorResult["state"];
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  readonly memoryBytes?: number;
  /** Time of processors that its process has used, without what it has started. */
  readonly cpuMs?: number;
  /** How many of its instances are done, run, and have failed, when it is over the records of a stream. */
  readonly members?: MemberCounts & { readonly active: number };
}

/** A live figure of an edge of the plan; what the engine does not see is left out. */
export interface EdgeProgress {
  readonly id: number;
  /** Given to its reader so far. */
  readonly bytes: number;
  /** What the engine holds for its reader, and how much that may be, when it may hold anything. */
  readonly heldBytes: number;
  readonly capacityBytes?: number;
}

/** What an actor waits for now; without `does` it waits for nothing any more. */
export interface ActorWaiting {
  readonly actor: string;
  readonly does?: "read" | "write";
  /** The edge of the plan; there is none where what it writes is read by nobody. */
  readonly edge?: number;
}

/** True for figures of a moment, which are no part of the story of a run. */
export function isLive({ type }: RunEventBody): boolean {
  return type === "progress" || type === "edges" || type === "mailboxes";
}
