/**
 * How an actor that talks in messages is run: what of a flow file's message keys is left when they are checked.
 */

import type { RemotePlace } from "./remote.ts";

/** What happens when a message comes to a full mailbox. */
export type Overflow = "block" | "spill" | "reject" | "drop-oldest";

/** How many processes an actor is, and which of them gets a message. */
export type Supervisor =
  /** One process. With `idleMs` it is started by the first message and ended when none came for so long. */
  | { readonly type: "singleton"; readonly idleMs?: number }
  /** Each message goes to one free member. */
  | { readonly type: "pool"; readonly size: number }
  | {
    /** An instance for each key, made by the first message for it. */
    readonly type: "keyed";
    /** Where the key is in the payload, as the parts of a JSON pointer; without it only `actor/key` is an address. */
    readonly key?: readonly string[];
    /** So many processes share the instances; `each`: every instance is a process. */
    readonly hosts: number | "each";
    /** An instance that got nothing for so long is passivated. */
    readonly idleMs?: number;
  };

export interface Restart {
  readonly policy: "never" | "on-failure" | "always";
  /** More failures than so many within the period fail the flow. */
  readonly intensity: number;
  readonly periodMs: number;
  /** The wait before the first restart; it doubles with each failure within the period. */
  readonly backoffMs: number;
}

/**
 * How much a handler may do to a route.
 *
 * - `strict`: add and replace what lies ahead; the engine moves on.
 * - `lenient`: as strict, but the handler itself moves `current`, wherever it likes.
 * - `none`: anything; the engine moves on from where the handler says the message is.
 */
export type RouteChecks = "strict" | "lenient" | "none";

/** What of an actor is a plain function: it answers each message with one line. */
export interface Handler {
  readonly checks: RouteChecks;
  /** How long it may take for one message; then its process is ended. */
  readonly timeoutMs?: number;
}

/** A JSON Schema (draft 2020-12), as an object. */
export type MessageSchema = Readonly<Record<string, unknown>>;

/** The message side of an actor. */
export interface Messaging {
  readonly handler?: Handler;
  /** It lives in another program; `any`: it stands for whoever sends messages and is no actor of the flow. */
  readonly remote?: RemotePlace | "any";
  readonly supervisor: Supervisor;
  /** Key expressions of the topics it gets, in their canonical form. */
  readonly subscribe: readonly string[];
  readonly mailbox: { readonly size: number; readonly overflow: Overflow };
  readonly restart: Restart;
  /** How many messages it may have that it has not acknowledged; without it the engine finds out. */
  readonly prefetch?: number;
  readonly delivery: "at-most-once" | "at-least-once";
  /** How often a message is delivered before it is a dead letter. */
  readonly deliveriesMax: number;
  /** Longest line it may write. */
  readonly lineBytesMax: number;
  readonly accepts?: readonly string[];
  readonly emits?: readonly string[];
  /** Key expressions of the topics it says that it publishes to, in their canonical form. */
  readonly publish?: readonly string[];
  /** What messages of a type hold, as JSON Schemas; only of types of which the flow says it. */
  readonly fields?: {
    readonly accepts: Readonly<Record<string, MessageSchema>>;
    readonly emits: Readonly<Record<string, MessageSchema>>;
  };
  /** JSON text for `Start`. */
  readonly args: string;
  /** The message type of the records that come in over its `in`. */
  readonly records: string;
}

/**
 * What is told of messages on their way: nothing, some steps for whoever looks, every step, or with it the whole message
 * where it was sent.
 */
export type Tracing = "off" | "some" | "steps" | "whole";

export type MessageActorState = "starting" | "active" | "inactive" | "draining" | "stopped" | "failed";

/** Messages of one kind that nobody has handled. */
export interface Lost {
  /** Why, such as `NO_ACTOR`. */
  readonly code: string;
  readonly reason: string;
  /** An address, or empty for records of a stream. */
  readonly sender: string;
  readonly receiver: string;
  readonly messageType: string;
  readonly count: number;
}

/** A type of message as one actor has it, and who has it at the other end. */
export interface MessageType {
  readonly type: string;
  /** A JSON Schema, where the flow says what messages of the type hold. */
  readonly fields?: MessageSchema | undefined;
  /** The actors at the other end that name the type as well. */
  readonly partners: readonly string[];
}

export interface Topic {
  readonly topic: string;
  /** The actors at the other end whose topics may be the same. */
  readonly partners: readonly string[];
}

/** Messages from one actor to another, as the flow tells them or as they were seen. */
export interface Talk {
  readonly from: string;
  readonly to: string;
  /** Types, or topics. */
  readonly words: readonly string[];
}
