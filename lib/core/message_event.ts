/**
 * What happens to messages, and to the actors that they are for.
 */
import type { MessageActorState } from "./messaging.ts";

export type MessageEvent =
  /** The life of a message actor, of one of its instances (`key`), or of one of its processes (`place`, from 1). */
  | {
    readonly type: "actor-state";
    readonly actor: string;
    readonly state: MessageActorState;
    readonly key?: string;
    readonly place?: number;
    readonly pid?: number;
  }
  /** A step of a message on its way; only when somebody wants to follow them. */
  | {
    readonly type: "message";
    readonly step: "sent" | "delivered" | "dead";
    readonly id: string;
    readonly messageType: string;
    /** An address, or empty for a record of a stream. */
    readonly sender: string;
    readonly receiver: string;
    readonly correlationId?: string;
    readonly bytes: number;
    /** The whole envelope, when it is to be kept. */
    readonly envelope?: string;
  }
  /** How much waits for actors: those of which something has changed; only when somebody looks. */
  | { readonly type: "mailboxes"; readonly actors: readonly MailboxProgress[] }
  /** A message that could not be delivered. The same misfortune is told ever more seldom. */
  | {
    readonly type: "message-dead";
    readonly id: string;
    readonly messageType: string;
    readonly sender: string;
    readonly receiver: string;
    readonly code: string;
    readonly reason: string;
    /** So many like it have not been told. */
    readonly more: number;
  }
  /** An actor wrote a line that is no envelope; told ever more seldom. */
  | {
    readonly type: "message-broken";
    readonly actor: string;
    /** Completes "a line that cannot be read: ...". */
    readonly problem: string;
    /** How the line begins. */
    readonly line: string;
    /** How many there were of this kind. */
    readonly count: number;
  }
  /** Full mailboxes waited for each other: this one may hold more now. */
  | {
    readonly type: "mailbox-grown";
    readonly actor: string;
    readonly size: number;
    readonly ring: readonly string[];
  }
  /** Requests waited for each other: the last one was answered with DEADLOCK. */
  | { readonly type: "ask-ring"; readonly ring: readonly string[] }
  /** What an actor has told `$log`. */
  | {
    readonly type: "actor-log";
    readonly actor: string;
    readonly level: string;
    readonly text: string;
    readonly more: unknown;
  };

/** A live figure of a message actor, all of its instances together. */
export interface MailboxProgress {
  readonly actor: string;
  /** Taken from its mailboxes, and lines that its processes have written. */
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly queued: number;
  /** From so many on senders wait, or what its overflow says happens: of one mailbox. */
  readonly size: number;
  /** Given to its processes and not known to be handled. */
  readonly inHand: number;
  /** Processes that live. */
  readonly processes: number;
  /** Of a keyed actor whose processes share them: instances that live. */
  readonly instances?: number;
}
