/**
 * What a run leaves behind: one record per actor and one for the whole.
 */
import type { Failure } from "./failure.ts";

/**
 * - `waiting`: not started (yet); - `running`: its process lives; - `done`: ended well, also when it ended because
 * nobody read it any more; - `failed`: see the failures; - `stopped`: the engine ended it.
 */
export type ActorState = "waiting" | "running" | "done" | "failed" | "stopped";

/** How the instances of an actor over a stream have ended so far; those that were stopped are neither. */
export interface MemberCounts {
  readonly done: number;
  readonly failed: number;
  /** How many of those that are done were in the cache, where any was. */
  readonly cached?: number;
}

export interface ActorResult {
  readonly state: ActorState;
  readonly pid?: number;
  /** Undefined when a signal ended it, or it never ran. */
  readonly exitCode?: number;
  readonly signal?: string;
  /** How many processes it was, when it has workers. */
  readonly processes?: number;
  /** When it is over the records of a stream. */
  readonly members?: MemberCounts;
  /** How many keys there were, when it splits its input. */
  readonly keys?: number;
  /** How often it was run, when it may be run again. */
  readonly attempts?: number;
  /** True when its output was taken from the cache, and it was not run. */
  readonly cached?: boolean;
  /** Why its output is not kept in the cache, though it has `cache` and has ended well. */
  readonly notKept?: string;
  /** True when it ended because all readers of its output had left. */
  readonly closedEarly?: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly durationMs?: number;
  /** Bytes it was given on all inputs; undefined where a kernel pipe carries them past the engine. */
  readonly bytesIn?: number;
  /** Bytes taken from all outputs that somebody reads; undefined where the engine does not see them. */
  readonly bytesOut?: number;
  /** Messages that a message actor was given, and lines that it has written. */
  readonly messagesIn?: number;
  readonly messagesOut?: number;
  /** Highest resident memory in bytes, where the system tells. */
  readonly peakMemoryBytes?: number;
}

export interface OutputResult {
  /** `-` or an absolute path. */
  readonly target: string;
  /** Undefined where the engine does not see them. */
  readonly bytes?: number;
  /** How many files it is, when it is one for each key. */
  readonly files?: number;
  /** False when the run failed and the file was therefore not put in place. */
  readonly isKept: boolean;
}

export interface RunResult {
  /** The run's identity, as in its events. */
  readonly id: string;
  readonly flow: string;
  readonly state: "done" | "failed" | "stopped";
  /**
   * 0 done, 1 an actor failed, 3 a deadlock that cannot be resolved, 4 a limit of time or of an actor was reached, 128+n
   * ended by signal n.
   */
  readonly exitCode: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly durationMs: number;
  /** Every actor of the plan, in start order. */
  readonly actors: Readonly<Record<string, ActorResult>>;
  readonly outputs: readonly OutputResult[];
  readonly failures: readonly Failure[];
  /** What went to standard output, when the option `stdout: "capture"` was given. */
  readonly stdout?: Uint8Array;
}
