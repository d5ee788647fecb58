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
