/**
 * A run as a database keeps it: what was captured of it, and how two such runs differ.
 */
import type { ActorState } from "./result.ts";

/** What is known of a run before anything has happened in it. Everything is in the order of the flow. */
export interface RunRecord {
  readonly uuid: string;
  readonly flow: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly actors: readonly ActorRecord[];
  readonly streams: readonly StreamRecord[];
}

export interface ActorRecord {
  readonly name: string;
  readonly kind: "run" | "sh" | "value" | "file" | "stdin" | "split" | "remote";
  readonly explain?: string;
  /** True when there is nothing to be run: it is no process, or was built in an earlier run. */
  readonly isBuilt: boolean;
  /** The same for the same command, environment and inputs: a hash. */
  readonly definition: string;
  /** The same as long as the files are the same that it is or that its command names: a hash of sizes and times. */
  readonly stamp?: string;
  /** The streams it reads, in the order in which it reads them. */
  readonly inputs: readonly { readonly port: string; readonly stream: string }[];
}

export interface StreamRecord {
  /** As people write it: `foo`, `foo.audit`. */
  readonly name: string;
  readonly actor: string;
  readonly port: string;
  /** The stream of an earlier run in the same database that it is taken from. */
  readonly origin?: Pick<ArchivedStream, "id" | "size">;
}

/** What was not there when a run began. An actor is there once, whoever had its name before it was spawned anew. */
export interface GrownRecord {
  readonly actor: ActorRecord | undefined;
  readonly stream: StreamRecord | undefined;
}

export interface ArchivedRun {
  /** 1 for the first run of the database. */
  readonly number: number;
  readonly uuid: string;
  readonly flow: string;
  /** `running`: its end was never written, the engine was killed. */
  readonly state: "running" | "done" | "failed" | "stopped";
  readonly exitCode?: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Why the database could not be written on: what came then is missing, but for how the run ended. */
  readonly cut?: string;
}

export interface ArchivedActor extends Omit<ActorRecord, "isBuilt"> {
  readonly state: ActorState;
  readonly command?: readonly string[];
  readonly pid?: number;
  readonly exitCode?: number;
  readonly signal?: string;
  /** How often it was run, when it may be run again. */
  readonly attempts?: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
}

export interface ArchivedStream extends Omit<StreamRecord, "origin"> {
  /** Where its bytes are. */
  readonly id: number;
  /** Bytes that are kept. */
  readonly size: number;
  /** True when its writer has ended it and all of it is kept. */
  readonly isComplete: boolean;
}

/** A run with everything but bytes. */
export interface Archive {
  readonly run: ArchivedRun;
  readonly actors: readonly ArchivedActor[];
  readonly streams: readonly ArchivedStream[];
}

/** How two runs differ; what is the same in both is left out. */
export interface RunDifference {
  readonly actors: readonly ActorDifference[];
  readonly streams: readonly StreamDifference[];
}

export type ActorDifference =
  | { readonly name: string; readonly kind: "only in"; readonly run: number }
  | {
    readonly name: string;
    readonly kind: "differs";
    readonly before: ArchivedActor;
    readonly after: ArchivedActor;
    readonly isStateOther: boolean;
    /** Another command, environment or input. */
    readonly isDefinitionOther: boolean;
    /** By more than two runs of the same usually do. */
    readonly isTimeOther: boolean;
  };

export type StreamDifference =
  | { readonly name: string; readonly kind: "only in"; readonly run: number }
  | {
    readonly name: string;
    readonly kind: "differs";
    readonly before: ArchivedStream;
    readonly after: ArchivedStream;
    /**
     * The first byte that is not the same or that only one has, from 0, and the line it is in, from 1. Undefined when
     * the bytes are the same, and only one of the streams is complete.
     */
    readonly first?: { readonly byte: number; readonly line: number };
  };

/** Messages of one type that one address was given by another. */
export interface ArchivedTalk {
  readonly sender: string;
  readonly receiver: string;
  readonly messageType: string;
}
