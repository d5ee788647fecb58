/**
 * What bounds messages, mailboxes and the actors that talk in them. Bytes unless the name says otherwise.
 */

/** Longest line of a message actor, unless the flow says otherwise, and the most that a flow may allow. */
export const MESSAGE_BYTES = 1024 * 1024;
export const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

/** How deep a message may be nested: some languages read no deeper. */
export const NESTING_MAX = 256;

/** Longest name of a topic, and how many topics are remembered with who listens to them. */
export const TOPIC_LENGTH_MAX = 1024;
export const TOPICS_KNOWN_MAX = 10_000;

/**
 * Live instances of a keyed actor whose hosts acknowledge what the engine says: beyond, those that were used least of
 * late are passivated. Of others, who may keep what nobody has saved, only that they are there is known beyond.
 */
export const KEYED_INSTANCES_MAX = 10_000;
/**
 * Processes of an actor that has one for each key: beyond, the next one waits until the one that was used least of late
 * has been let go. How often it is looked for one, and after how long without one the next is started all the same.
 */
export const EACH_PROCESSES_MAX = 1000;
export const EACH_WAIT_LOOK_MS = 20;
export const EACH_WAIT_MS = 2_000;
/** Keys that are given to the host with the fewest; more are spread by their hashes. */
export const KEYS_PLACED_MAX = 4096;
/** How many instances are looked at for one to passivate, when one is made. */
export const INSTANCES_LOOK_MAX = 4;

/** Saved states in memory, or a share of the flow's memory when that is less; older ones are on disk. */
export const STATES_BYTES = 16 * 1024 * 1024;

/** Messages that wait for an actor, unless the flow says otherwise. */
export const MAILBOX_SIZE = 1000;

/** What one mailbox may hold of the memory of all before its senders wait, and what a message costs beside its bytes. */
export const MAILBOX_SHARE = 0.25;
export const WAITING_BYTES = 256;

/** How often an actor may fail within a time before that fails the flow, and the wait before it is started again. */
export const RESTART_INTENSITY = 3;
export const RESTART_PERIOD_MS = 10_000;
export const RESTART_BACKOFF_MS = 100;
export const RESTART_BACKOFF_MAX_MS = 30_000;

/** How often a message is delivered before it is given up. */
export const DELIVERIES_MAX = 3;

/** Timers of one run, and the shortest time between two ticks of one. */
export const TIMERS_MAX = 1_000_000;
export const TICK_MIN_MS = 1;

/** The longest time of a timer: a hundred years. */
export const TIMER_MS_MAX = 100 * 366 * 24 * 3600_000;

/** The longest that a request may wait, and when it does not say. */
export const ASK_MS = 30_000;
export const ASK_MS_MAX = 24 * 3600_000;
/** Requests that have their answer, which are remembered so that they get no second one. */
export const ASKS_SETTLED_MAX = 10_000;

/** How much longer than for a message the process of a handler with `timeout` may take until it is ready for its first. */
export const HANDLER_START_MS = 60_000;

/** From how many actors a message with a route is sent on at most: one that goes round is an error then. */
export const ROUTE_HOPS_MAX = 1_000;

/** Messages on their way to one actor, and bytes of those that are kept until they are handled. */
export const IN_FLIGHT_MAX = 4096;
export const IN_FLIGHT_KEPT_BYTES = 16 * 1024 * 1024;

/** What is kept of what an actor was given last and has not handled: it is for its next process when it leaves. */
export const SENT_KEPT_BYTES = 4 * 1024 * 1024;

/** What a process may have read and not handled yet: programs read so much at once. */
export const READ_AHEAD_BYTES = 64 * 1024;

/** Messages of a process that acknowledges nothing that are remembered when it has read them. */
export const READ_KNOWN_MAX = 1024;

/** Types of messages of which it is remembered whether an actor acknowledges them. */
export const ACKNOWLEDGED_KINDS_MAX = 1024;

/** Most messages that a flow may let be on their way to one actor. */
export const PREFETCH_MAX = 100_000;

/**
 * How soon, and how seldom at last, an actor is looked at that acknowledges nothing more while others wait for it: it
 * may be waiting for more messages. Of which nobody can tell is taken to be when it was silent for so long.
 */
export const STARVED_LOOK_MS = 4;
export const STARVED_LOOK_MAX_MS = 250;
export const STARVED_SILENT_MS = 500;

/** An actor that waits for more messages than it may have without acknowledging one is given up after so long. */
export const STARVED_FATAL_MS = 2_000;

/** What is sent to an actor at once: messages to one that acknowledges them, else bytes; at first, and at most. */
export const WINDOW_MESSAGES_MAX = 4096;
export const WINDOW_BYTES_FIRST = 256;
export const WINDOW_BYTES_MAX = 1024 * 1024;

/** How often it is looked whether an actor that acknowledges nothing has read its messages, while others wait. */
export const HELD_LOOK_MS = 2;

/** What is written to a message actor at once, and read from one before others get their turn. */
export const MESSAGE_TURN_BYTES = 256 * 1024;

/**
 * The pipes of a message actor, while a run has few of them: on a busy machine every change of processes costs
 * milliseconds, and a small pipe needs many. The pages of all pipes of a user are limited by the system.
 */
export const MESSAGE_PIPE_BYTES = 256 * 1024;
export const MESSAGE_PIPES_WIDE = 64;

/** Of how many messages it is remembered who sent them, for replies that name no receiver. */
export const ORIGINS_KNOWN = 65_536;

/** A broken line is shown up to this length. */
export const BROKEN_SHOWN_BYTES = 200;

/** So many messages beyond its size a mailbox takes that come back to their sender. */
export const DELIVERY_REJECTS_MAX = 1000;

/** So often in a row comes back to an actor what it has written at a `Reject`. */
export const REJECTS_ANSWERED_MAX = 100;

/** What the thread of messages tells the run before it waits to be heard. */
export const UNHEARD_MAX = 10_000;

/** Kinds of lost messages that are told apart at the end of a run. */
export const LOSS_KINDS_MAX = 100;

/** How soon, and how seldom at last, it is looked whether anything is left to be done. */
export const QUIET_LOOK_MIN_MS = 1;
export const QUIET_LOOK_MAX_MS = 100;

/** An actor of which nobody can tell whether it works is taken to have finished when it has said nothing for so long. */
export const SILENT_MS = 500;

/** The same where the system lets nobody look at processes: one that works is silent too. */
export const SILENT_BLIND_MS = 2_000;

/** The same of an actor that has acknowledged what it got before, and not yet what it has now. */
export const SILENT_AT_WORK_MS = 10_000;

/** How soon it is looked again whether mailboxes wait for each other. */
export const RING_LOOK_MS = 10;

/** Rounds in which messages are brought to processes before others get their turn. */
export const PUMPS_MAX = 100;

/** How many timers fire before others get their turn. */
export const TIMERS_TURN = 1000;

/** Processes that were spawned and have ended, of which it is remembered how. */
export const SPAWNED_KNOWN_MAX = 1_000;

/** How often whoever looks is told of mailboxes, and how many steps of messages in that time. */
export const TRACED_EACH_MS = 200;
export const TRACED_MAX = 100;
/** How many mailboxes are looked at in that time. */
export const MAILBOXES_A_LOOK = 2_000;
