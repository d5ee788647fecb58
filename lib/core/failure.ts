/**
 * What can go wrong in a run, as data; texts are made by `lib/report/text/failure_text.ts`.
 */
import type { Lost } from "./messaging.ts";
import type { ActorActivity, WaitStep } from "./wait.ts";

/** How much what waits may take in a run, in bytes. */
export interface Room {
  readonly memory: number;
  /** In a file of the temporary folder. */
  readonly spill: number;
  /** The temporary folder. */
  readonly folder: string;
  /** The flow does not limit that file: `spill` is what the engine takes of the room that was free when it started. */
  readonly isSpillShare: boolean;
}

/** Actors that wait for each other for ever. */
export interface Deadlock {
  /** One step for each that waits, in the order of waiting; the last waits for the first. */
  readonly cycle: readonly WaitStep[];
  /** `nobody`: nobody can write what is waited for; otherwise a buffer had to grow and could not. */
  readonly cause:
    | { readonly kind: "nobody" }
    | { readonly kind: "limit" }
    | { readonly kind: "disk"; readonly errno: string; readonly reason: string };
  /** Bytes that were held when it was given up. */
  readonly stored: { readonly memory: number; readonly spill: number };
}

/** What is complete only at its end takes more of a disk than it may. */
export interface OverRoom {
  readonly limitBytes: number;
  /** What all such files of the flow had when it was looked at. */
  readonly usedBytes: number;
  /** The flow does not limit it: `limitBytes` is half of what was free there. */
  readonly isSpillShare: boolean;
}

/**
 * A disk without room: of a file of `out`, or of the folder where `--db` keeps members (`members`), where the cache is,
 * or where the run has its files (`temporary`).
 */
export interface FullDisk {
  readonly of: "out" | "members" | "cache" | "temporary";
  readonly path: string;
}

/** The limit that an actor has reached. */
export type ReachedLimit =
  | {
    readonly limit: "memory";
    readonly limitBytes: number;
    /** What its processes held when it was looked at. */
    readonly usedBytes: number;
  }
  | { readonly limit: "cpu"; readonly limitMs: number }
  | ({
    /** What is kept of an actor with `cache` until it has ended, and is given on then. */
    readonly limit: "output";
    /** Of the cache. */
    readonly folder: string;
  } & OverRoom);

/** The try in which an actor has failed of a flow that is used, and run again, as a whole. */
export interface WholeTry {
  /** The actor that stands for the flow. */
  readonly actor: string;
  /** From 1. */
  readonly attempt: number;
  readonly attemptsMax: number;
}

export type Failure = FailureBody & { readonly whole?: WholeTry };

type FailureBody =
  | {
    readonly kind: "exit";
    readonly actor: string;
    readonly command: readonly string[];
    /** Exactly one of `code` and `signal` is set. */
    readonly code?: number;
    readonly signal?: string;
    readonly ok: readonly number[];
    /** The last lines the actor wrote to stderr, oldest first. */
    readonly lastLines: readonly string[];
    /** Its limit of open files, when it has one: only the program knows whether that was the reason. */
    readonly filesMax?: number;
    /** What it writes by itself, when the disk of that is full. */
    readonly full?: FullDisk;
  }
  | ({
    /** An actor was ended because it used more than its limits allow. */
    readonly kind: "limit";
    readonly actor: string;
    readonly command: readonly string[];
    readonly lastLines: readonly string[];
  } & ReachedLimit)
  | {
    readonly kind: "spawn";
    readonly actor: string;
    readonly command: readonly string[];
    /** The system's error code, such as `ENOENT` or `EACCES`, and its text. */
    readonly errno: string;
    readonly reason: string;
  }
  | {
    /** A record of a stream that is no member of its set. `actor` is the instance that is not made. */
    readonly kind: "member";
    readonly actor: string;
    readonly problem: string;
  }
  | {
    /** A record whose key, or which itself, is not as it should be. */
    readonly kind: "split";
    readonly actor: string;
    readonly problem: string;
  }
  | {
    /** A file that could not be read while the run went on. */
    readonly kind: "read";
    readonly actor: string;
    readonly path: string;
    readonly errno: string;
    readonly reason: string;
  }
  | {
    /** An input that was to be given as a file, and could not be written. */
    readonly kind: "input";
    readonly actor: string;
    readonly port: string;
    /** The temporary folder. */
    readonly folder: string;
    /** It was given up because it takes too much room. */
    readonly over?: OverRoom;
    readonly errno: string;
    readonly reason: string;
  }
  | {
    /** What an actor writes could not be kept for those that are spawned later. */
    readonly kind: "keep";
    /** `actor` or `actor.port`. */
    readonly stream: string;
    /** The temporary folder. */
    readonly folder: string;
    /** It was given up because it takes too much room. */
    readonly over?: OverRoom;
    readonly errno: string;
    readonly reason: string;
  }
  | {
    /** The system did not carry on what an actor writes, or what it was to be given. */
    readonly kind: "edge";
    readonly actor: string;
    readonly port: string;
    readonly does: "writes" | "reads";
    readonly errno: string;
    readonly reason: string;
  }
  | {
    /** The system did not do what the whole run needs. */
    readonly kind: "system";
    readonly errno: string;
    readonly reason: string;
  }
  | {
    /** An output of the flow that could not be written: full disk, closed file. */
    readonly kind: "write";
    readonly target: string;
    readonly errno: string;
    readonly reason: string;
  }
  | {
    /** The database of the run could not be written on; what the flow does and makes is not touched by it. */
    readonly kind: "capture";
    readonly file: string;
    readonly errno: string;
    readonly reason: string;
  }
  | {
    /** What an actor has written could not be kept for later runs; this run is not touched by it. */
    readonly kind: "cache";
    readonly folder: string;
    readonly errno: string;
    readonly reason: string;
  }
  | {
    /** A limit of time was reached: of an actor, or of the whole flow when there is no `actor`. */
    readonly kind: "timeout" | "stall";
    readonly actor?: string;
    readonly limitMs: number;
    /** What everybody was doing at that moment. */
    readonly activities: readonly ActorActivity[];
  }
  | {
    /** The caller has stopped the run by an AbortSignal; what its reason says. */
    readonly kind: "abort";
    readonly reason: string;
  }
  | {
    /** A message actor wrote a line that is no envelope. */
    readonly kind: "envelope";
    readonly actor: string;
    /** Why it is none: "it is no JSON". */
    readonly problem: string;
    /** How the line begins. */
    readonly line: string;
  }
  | ({
    /** Messages that nobody has handled, and nobody has taken as dead letters. */
    readonly kind: "message";
  } & Lost)
  | {
    /** A message actor ended well, and had read none of the messages that it was given. */
    readonly kind: "unread";
    readonly actor: string;
    readonly messages: number;
  }
  | {
    /** Messages that wait for an actor, or states, had no room: the limits are used up, or the disk is full. */
    readonly kind: "mailbox";
    readonly what: "messages" | "states";
    readonly actor: string;
    readonly cause: { readonly kind: "limit" } | {
      readonly kind: "disk";
      readonly errno: string;
      readonly reason: string;
    };
    readonly room: Room;
  }
  | {
    /** A message actor waits for more messages before it acknowledges one, and may not have more. */
    readonly kind: "starved";
    readonly actor: string;
    /** So many it has. */
    readonly messages: number;
  }
  | {
    /** A message actor has ended the run, and says that it has failed. */
    readonly kind: "finish";
    readonly actor: string;
    readonly code: number;
    /** Empty when it gave none. */
    readonly reason: string;
  }
  | ({
    readonly kind: "deadlock";
    readonly room: Room;
  } & Deadlock);
