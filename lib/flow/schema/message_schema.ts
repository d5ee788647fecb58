/**
 * The keys of message actors. `check_messaging.ts` says what may stand together.
 */
import * as v from "valibot";
import { PREFETCH_MAX } from "../../core/limits/message.ts";
import { choice, duration, filledText, optional, whole } from "./schema_parts.ts";

const POINTER = 'a JSON pointer into the message, such as "/account"';
const HOSTS = 'a number of processes from 1 to 1024, or "each"';
const SIZE = "a number of processes from 1 to 1024";
const MAIL = "a number of messages from 1 to 1000000";
const PREFETCH = `a number of messages from 1 to ${PREFETCH_MAX}`;
const FAILURES = "a number of failures from 0 to 1000000";
const TYPES =
  'a list of message types, such as ["Ping", "Pong"], or an object with their fields, such as {"Deposit": {"amount": "number"}}';
const TYPE = "a message type, not empty";
const TOPICS = 'a key expression such as "sensors/*/temperature", or a list of them';
const SUPERVISOR =
  'an object such as {"type": "pool", "size": 4} or {"type": "keyed", "key": "/account", "hosts": 4}';
const MAILBOX = 'an object such as {"size": 100, "overflow": "reject"}';
const RESTART = 'an object such as {"policy": "on-failure", "intensity": 3, "period": "10s"}';

/** How many processes an actor is. */
export const SupervisorSchema = v.strictObject({
  type: v.pipe(
    choice("singleton", "pool", "keyed"),
    v.description(
      "One process (singleton), one free member for each message (pool), an instance for each key (keyed).",
    ),
  ),
  size: optional(whole(SIZE, { min: 1, max: 1024 }), "How many members a pool has."),
  key: optional(
    v.pipe(v.string(POINTER), v.regex(/^(?:\/[\s\S]*)?$/, POINTER)),
    `Where the key of a message is: ${POINTER}. Without it, messages are addressed to actor/key.`,
  ),
  hosts: optional(
    v.union([whole(HOSTS, { min: 1, max: 1024 }), v.literal("each", HOSTS)], HOSTS),
    'How many processes share the instances of a keyed actor, 1 by default; "each": every instance is a process.',
  ),
  idle: optional(
    duration(),
    "An instance that got no message for so long is passivated: its state is saved, and given back with the next message. A singleton with it is started by its first message.",
  ),
}, SUPERVISOR);

/** What waits for an actor. */
export const MailboxSchema = v.strictObject({
  size: optional(whole(MAIL, { min: 1, max: 1_000_000 }), "How many messages may wait, 1000 by default."),
  overflow: optional(
    choice("block", "spill", "reject", "drop-oldest"),
    "What happens when it is full: the sender waits (block, the default), messages go to disk (spill), come back to the sender (reject), or the oldest one is dropped (drop-oldest).",
  ),
}, MAILBOX);

/** What happens when an actor's process ends. */
export const RestartSchema = v.strictObject({
  policy: optional(
    choice("never", "on-failure", "always"),
    "Whether a process that ends is started again: never, on-failure (the default where there is restart), or always.",
  ),
  intensity: optional(
    whole(FAILURES, { min: 0, max: 1_000_000 }),
    "More failures than so many within the period fail the flow; 3 by default.",
  ),
  period: optional(duration(), 'The time within which failures are counted, "10s" by default.'),
  backoff: optional(
    duration(),
    'The wait before the first restart, "100ms" by default; it doubles with each failure within the period.',
  ),
}, RESTART);

/** Types, or types with what they hold: `check/check_message_types.ts`. */
const MessageTypesSchema = v.union([
  v.array(v.pipe(v.string(TYPES), v.nonEmpty(TYPE)), TYPES),
  v.record(v.pipe(v.string(TYPES), v.nonEmpty(TYPE)), v.unknown(), TYPES),
], TYPES);

/** The keys of an actor that only message actors have. */
export const MESSAGE_ENTRIES = {
  protocol: optional(
    choice("bytes", "messages"),
    "What the process reads and writes: bytes (the default), or envelopes, one JSON object a line. See docs/messages.md.",
  ),
  supervisor: optional(SupervisorSchema, "How many processes a message actor is. See docs/messages.md."),
  subscribe: optional(
    v.union([v.string(TOPICS), v.array(v.string(TOPICS), TOPICS)], TOPICS),
    `The topics it listens to: ${TOPICS}.`,
  ),
  mailbox: optional(MailboxSchema, "How many messages may wait for it, and what happens beyond."),
  restart: optional(RestartSchema, "Whether it is started again when its process ends."),
  prefetch: optional(
    whole(PREFETCH, { min: 1, max: PREFETCH_MAX }),
    "How many messages it may have that it has not acknowledged yet: 1 for a fair share among slow members of a pool, more for an actor that takes a batch. Without it the engine finds out what is enough.",
  ),
  delivery: optional(
    choice("at-most-once", "at-least-once"),
    "Whether a message that it has not acknowledged is delivered again after a failure (at-least-once) or lost (at-most-once, the default).",
  ),
  accepts: optional(
    MessageTypesSchema,
    `The message types that it handles, for people, $registry and check: ${TYPES}.`,
  ),
  emits: optional(
    MessageTypesSchema,
    `The message types that it sends, for people, $registry and check: ${TYPES}.`,
  ),
  publish: optional(
    v.union([v.string(TOPICS), v.array(v.string(TOPICS), TOPICS)], TOPICS),
    `The topics that it publishes to, for people and check: ${TOPICS}.`,
  ),
  args: optional(v.unknown(), "Any JSON: it is in the first message that the actor gets, Start."),
  records: optional(
    filledText(TYPE),
    'The message type of the lines that come in over "in", "Record" by default.',
  ),
} as const;
