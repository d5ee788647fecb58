/**
 * What the page shows of an actor.
 */
import type { ActorState } from "../../core/result.ts";

/** What an actor is: its source; `messages` and `handler` are processes too. */
export type PageActorKind =
  | "run"
  | "sh"
  | "value"
  | "file"
  | "stdin"
  | "split"
  | "remote"
  | "messages"
  | "handler";

export interface PageActor {
  readonly name: string;
  readonly kind: PageActorKind;
  /** The actor over sets that it is an instance of. */
  readonly group?: string;
  /** The names of the frames around it, from the outside in. */
  readonly frames: readonly string[];
  readonly explain?: string;
  /** The command or what the source is, in one line. */
  readonly command: string;
  readonly state: ActorState;
  /** Of a message actor: `starting`, `active`, `inactive`, `draining`, `stopped`, `failed`. */
  readonly life?: string;
  readonly isPaused?: boolean;
  readonly pid?: number;
  /** Of the first of its processes. */
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly cpuMs?: number;
  readonly memoryBytes?: number;
  readonly peakMemoryBytes?: number;
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  /** Bytes a second, over the last second or so. */
  readonly rateIn?: number;
  readonly rateOut?: number;
  /** Tries that have begun, and how many there may be, when it may be run again. */
  readonly attempts?: number;
  readonly attemptsMax?: number;
  /** How often a message actor was started again. */
  readonly restarts?: number;
  /** It was taken from the cache. */
  readonly cached?: boolean;
  /** Processes that share its input, and how many of them live. */
  readonly workers?: { readonly count: number; readonly running: number };
  /** When it is over the records of a stream. */
  readonly members?: { readonly done: number; readonly failed: number; readonly active: number };
  readonly messages?: PageMailbox;
  /** What it waits for now. */
  readonly waiting?: PageWaiting;
  /** How long it has waited so far, in milliseconds: to read, and to write. */
  readonly waitedReadMs?: number;
  readonly waitedWriteMs?: number;
  /** Its last lines of standard error (at most 200), oldest first, and how many there were. */
  readonly stderr: readonly string[];
  readonly stderrCount: number;
}

export interface PageWaiting {
  /** `read`: the edge is empty; `write`: it is full; `start`: it is not started yet; `rest`: before another try. */
  readonly does: "read" | "write" | "start" | "rest";
  /** The edge, when it waits at one. */
  readonly edge?: number;
  /** Who would have to go on: an actor or an output. */
  readonly waitsFor?: string;
  readonly since: number;
}

/** The messages of an actor. */
export interface PageMailbox {
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** So many wait for it, and from so many on its senders wait. */
  readonly queued?: number;
  readonly size?: number;
  /** Given to it and not handled. */
  readonly inHand?: number;
  /** From sent to delivered, of the last ones, in milliseconds. */
  readonly waitP50Ms?: number;
  readonly waitP99Ms?: number;
  /** From delivered to answered or acknowledged. */
  readonly handleP50Ms?: number;
  readonly handleP99Ms?: number;
  readonly dead?: number;
  /** Instances of a keyed actor that live now. */
  readonly instances?: number;
}
