/**
 * What the bus of a run's messages has to tell, as data.
 */
import type { NoRoom } from "../../data/block_store.ts";
import type { MessageEvent } from "../../core/message_event.ts";
import type { Lost } from "../../core/messaging.ts";

/** Why a message was not delivered. */
export type DeadCode =
  | "NO_ACTOR"
  | "NO_KEY"
  | "NO_RECEIVER"
  | "MAILBOX_FULL"
  | "DROPPED"
  | "FAILED"
  | "ENDED"
  | "LOST"
  | "ANSWERED"
  | "TOO_OFTEN"
  | "BAD_TOPIC"
  | "BAD_ROUTE"
  | "NOT_UNDERSTOOD"
  | "BAD_TIMER"
  | "BAD_FINISH"
  | "TOO_MANY"
  | "BAD_ACTOR"
  | "BAD_ALIAS"
  | "EXISTS"
  | "NO_ALIAS"
  | "TAKEN"
  /** It is not as its sender emits it, or as its receiver accepts it. */
  | "INVALID"
  | "HANDLER_ERROR";

export type MessageReport =
  /** What is told as it is, some of it with its time in milliseconds since the epoch. */
  | (MessageEvent & { readonly at?: number })
  /** A process is wanted. */
  | { readonly type: "start"; readonly place: number; readonly actor: string; readonly key?: string }
  /** A process is to be ended at once: it took too long. */
  | { readonly type: "kill"; readonly process: number }
  /** An actor wants another one to be made of a definition, which may be anything. */
  | {
    readonly type: "spawn";
    readonly request: number;
    readonly by: string;
    readonly name: string;
    readonly definition: unknown;
  }
  /** Somebody depends on a process of bytes: it is to be read. */
  | { readonly type: "read-spawned"; readonly name: string }
  /** A process of bytes is to end. */
  | { readonly type: "stop-spawned"; readonly name: string }
  /** An actor says that the run is over. */
  | { readonly type: "finish"; readonly actor: string; readonly code: number; readonly reason: string }
  /** A process has been told to end. */
  | { readonly type: "drain"; readonly process: number }
  /** An actor may fail no more: more often than its restarts allow, or it is not to be restarted. */
  | {
    readonly type: "failed";
    readonly place: number;
    readonly failures: number;
    /** When its process has ended well: it was given so many messages, and read none. */
    readonly unread?: { readonly actor: string; readonly messages: number };
  }
  /** Its failure is not the end: it is started again. */
  | {
    readonly type: "restart";
    readonly place: number;
    readonly actor: string;
    readonly failures: number;
    readonly delayMs: number;
  }
  /** The system does not carry a pipe of an actor on. Of a process: it is to be ended, and has failed. */
  | {
    readonly type: "cut";
    readonly actor: string;
    readonly process?: number;
    readonly place?: number;
    /** What the actor does there. */
    readonly does: "reads" | "writes";
    readonly errno: string;
    readonly reason: string;
  }
  /** The limits of the flow or the disk have no room for what waits for an actor, and its senders cannot wait; or for states. */
  | {
    readonly type: "no-room";
    readonly what: "messages" | "states";
    readonly actor: string;
    readonly cause: NoRoom;
  }
  /** The journal cannot be written any more. */
  | { readonly type: "no-journal"; readonly errno: string; readonly reason: string }
  /** An actor waits for more than `most` messages before it acknowledges one, and may not have them. */
  | { readonly type: "starved"; readonly actor: string; readonly most: number }
  /** What the actors have been given and have written; the last that is told. */
  | { readonly type: "counts"; readonly actors: readonly MessageCounts[]; readonly lost: readonly Lost[] }
  /** Nothing is left to be done, and every process has ended. */
  | { readonly type: "finished" }
  | { readonly type: "stopped" };

export interface MessageCounts {
  readonly actor: string;
  readonly messagesIn: number;
  readonly messagesOut: number;
}
