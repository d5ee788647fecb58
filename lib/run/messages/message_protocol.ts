/**
 * What the run and the thread of its messages say to each other. Places and processes are numbered; a place has one
 * process after the other.
 */
import type { Tracing } from "../../core/messaging.ts";
import type { Heard } from "../../host/threads/heard.ts";
import type { SpawnAnswer } from "../../message/system/spawn_actor.ts";
import type { ActorSetup } from "../../message/actors/message_actor.ts";
import type { MessageReport as EngineReport } from "../../message/mail/message_report.ts";
import type { ProcessPipes } from "../../message/link/pipe_link.ts";
import type { RemoteNews, RemoteWord } from "../../message/link/remote_link.ts";
import type { OpenedProcess } from "../../message/lives/places.ts";

export interface MessageSetup {
  readonly run: string;
  readonly actors: readonly ActorSetup[];
  /** Others may send messages, and be answered. */
  readonly hasStrangers: boolean;
  /** Other names of actors. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  /** Message actors whose streams come to an actor, through whatever else. */
  readonly upstream: ReadonlyMap<string, readonly string[]>;
  /** How much the run has heard of what the thread has told it. */
  readonly heard: Heard;
  /** A byte on this pipe says that a command waits. Undefined where nobody can wait for a pipe. */
  readonly wakeFd: number | undefined;
  /** Every step of every message is told. */
  readonly tracing: Tracing;
  /** Messages are held against what actors accept and emit. */
  readonly isChecked: boolean;
  /** Somebody looks at the mailboxes. */
  readonly isWatched: boolean;
  /** The flow does not end by itself. */
  readonly isServing: boolean;
  /** The database that keeps messages and states, and whether what is there is gone on with. */
  readonly journal: { readonly file: string; readonly isResumed: boolean } | undefined;
  /** What messages that wait may take, in bytes. */
  readonly limits: { readonly memory: number; readonly spill: number };
  /** Where mailboxes spill to. */
  readonly folder: string;
}

export type MessageCommand =
  | { readonly type: "begin" }
  | ({ readonly type: "opened" } & Omit<OpenedProcess, "link"> & ProcessPipes)
  /** An actor that lives in another program has a link. */
  | { readonly type: "opened-remote"; readonly id: number; readonly place: number }
  | RemoteNews
  | { readonly type: "remote-state"; readonly actor: string; readonly isOnline: boolean }
  | { readonly type: "not-started"; readonly place: number }
  | {
    readonly type: "ended";
    readonly process: number;
    readonly isFailure: boolean;
    readonly isStopped: boolean;
  }
  | { readonly type: "feed"; readonly actor: string; readonly fd: number }
  | { readonly type: "stream"; readonly actor: string; readonly fd: number }
  /** The answer to a `spawn`. */
  | {
    readonly type: "spawned";
    readonly request: number;
    readonly answer: SpawnAnswer<number>;
  }
  | {
    readonly type: "spawned-ended";
    readonly name: string;
    readonly end: "done" | "failed" | "stopped";
    readonly code: number | undefined;
  }
  /** Everybody is told to end, as at the end of the flow. */
  | { readonly type: "finish" }
  /** The run ends everybody by signals: nobody is started any more. */
  | { readonly type: "halt" }
  | { readonly type: "stop" };

export type MessageReport = EngineReport | RemoteWord;
