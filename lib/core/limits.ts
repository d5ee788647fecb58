/**
 * Every number that bounds something, in one place. Bytes unless the name says otherwise.
 */

/** Largest flow file that is read; more is a mistake, not a flow. */
export const FLOW_FILE_BYTES_MAX = 16 * 1024 * 1024;

/** Most issues that are printed for one flow; the rest is counted. */
export const ISSUES_SHOWN_MAX = 50;

/** What the readers of one stream may be apart before its writer waits, and all such streams of a run together. */
export const FANOUT_BYTES = 1024 * 1024;
export const FANOUT_BYTES_MIN = 64 * 1024;
export const FANOUTS_BYTES = 64 * 1024 * 1024;

/** In pieces of this size bytes are held that wait: a multiple of the system's pages. */
export const BLOCK_BYTES = 256 * 1024;

/** What grown buffers may hold in memory, unless the flow says otherwise. */
export const MEMORY_BYTES = 64 * 1024 * 1024;

/** What share of the free space beside the spill file it may take, unless the flow says otherwise. */
export const SPILL_SHARE = 0.5;

/** A buffer on a closed cycle of waiting becomes this many times as large. */
export const GROWTH_FACTOR = 4;

/** How many bytes one edge moves before others get their turn. */
export const TURN_BYTES = 4 * 1024 * 1024;

/** When a stream does not move, how soon its actors are looked at, and how seldom at last. */
export const WATCH_MIN_MS = 5;
export const WATCH_MAX_MS = 250;

/** How often within its limit an actor that may stall is looked at. */
export const STALL_LOOKS = 10;
/** How seldom at most. */
export const STALL_LOOK_MAX_MS = 60_000;

/** What share of the time may go into such looks while other streams move. */
export const WATCH_SHARE = 0.008;

/** How often the processes of actors with limits are looked at, and how soon again when one seems to be over. */
export const LIMIT_LOOK_MS = 20;
export const LIMIT_LOOK_AGAIN_MS = 3;

/** What share of the time may go into looks at limits: many processes are looked at less often. */
export const LIMIT_LOOK_SHARE = 0.05;

/** A killed process that was seen with this share of its processor time has reached the limit: two clocks count it. */
export const CPU_REACHED_SHARE = 0.9;

/** An actor that may be waiting for anything is taken to wait when nothing has moved for so long. */
export const NO_PROGRESS_MS = 300;

/** Nobody's run is ended for such a guess before nothing has moved for so long. */
export const NO_PROGRESS_FATAL_MS = 10_000;

/** How soon, and how seldom at last, a run in which nothing moves at all is looked at. */
export const IDLE_MIN_MS = 500;
export const IDLE_MAX_MS = 10_000;

/** Size asked for kernel pipes: the largest that an unprivileged process may have. */
export const PIPE_BYTES = 1024 * 1024;

/** How many files of a flow are open to be read at the same time: far below what any system allows. */
export const FILES_OPEN_MAX = 32;

/** How often it is looked whether somebody reads a named pipe of `out`. */
export const NAMED_PIPE_LOOK_MS = 10;

/** How much is read from a file at once. */
export const FILE_READ_BYTES = 256 * 1024;

/** How often the standard errors that have said nothing yet are looked at. */
export const QUIET_LOOK_MS = 30;

/** A longer line on an actor's stderr is shown in pieces of this length. */
export const STDERR_LINE_BYTES_MAX = 16 * 1024;

/** How many of an actor's last stderr lines a failure shows. */
export const STDERR_LAST_LINES = 10;

/** Time between SIGTERM and SIGKILL unless the flow says otherwise. */
export const GRACE_MS = 5_000;

/** The wait before a failed actor is run again, unless the flow says otherwise, and the longest there is. */
export const RETRY_BACKOFF_MS = 100;
export const RETRY_BACKOFF_MAX_MS = 5 * 60_000;
/** How often a wait doubles: the longest is reached by then, and many more doublings of none are no number. */
export const BACKOFF_DOUBLINGS_MAX = 60;

/** How long a worker should be busy with a block of lines, and how large the first one is, and any. */
export const BLOCK_MS = 200;
export const BLOCK_GROWTH = 8;
export const WORK_BLOCK_BYTES = 256;
export const WORK_BLOCK_BYTES_MAX = 64 * 1024 * 1024;

/** A worker whose pipe has been full for so long is slower than the engine: the next one is given lines meanwhile. */
export const WORKER_SLOW_MS = 3;

/** What waits for a worker, or for the output of the workers before it, before no more is taken. */
export const WORKER_BYTES = 4 * 1024 * 1024;

/** Most workers of one actor. */
export const WORKERS_MAX = 1024;

/** Most processes at a time that a flow may name: as many as there can be on Linux (2^22). */
export const PROCESSES_MAX = 4_194_304;

/** Most open files that the limits of an actor may name: beyond it no system can be set to. */
export const FILES_MAX = 2_147_483_584;

/** Most further tries of an actor. */
export const TRIES_MAX = 1_000_000;

/** How often running processes are looked at: memory, progress, streams closed early. */
export const SAMPLE_MS = 200;

/** How often processes that came during a look for those of a run are looked at, too. */
export const MARKED_LOOKS_MAX = 5;

/** How long a process without an environment that holds an output is taken to be becoming another program. */
export const UNCLEAR_MS = 1_000;

/** How long it is waited for such a process before what is left of a run is ended, and how often it is looked at. */
export const SWEEP_UNCLEAR_MS = 100;
export const SWEEP_UNCLEAR_LOOK_MS = 5;

/** How soon it is looked again whether a process still writes to an output of the flow, when everything else has ended. */
export const HELD_LOOK_FIRST_MS = 5;

/**
 * How long an actor that has ended waits for the end of its stderr, which others may keep open; and how long the run
 * waits at last for what they have written there.
 */
export const STDERR_DRAIN_MS = 500;

/** The tree is printed in full up to this many lines, then shared parts are named once. */
export const TREE_LINES_MAX = 2_000;

/** How many start between two looks at what has ended. */
export const STARTS_PER_TURN = 4;

/** Lines longer than this are passed on in pieces, without others in between. */
export const MERGE_LINE_BYTES = 1024 * 1024;

/** Attempts to end what escaped, before the engine gives up and says what is left. */
export const SWEEPS_MAX = 50;

/** How the folders of runs in the system's temporary folder begin; the engine's process id follows. */
export const RUN_FOLDER_PREFIX = "sluice-";

/** How many processes are looked at in one turn of the sampler. */
export const SAMPLED_MAX = 256;

/** How often it is looked whether processes that were told to end have ended. */
export const STOP_POLL_MS = 20;

/** How many bytes pass through the engine between two small garbage collections, where they are needed. */
export const COLLECT_EVERY_BYTES = 192 * 1024 * 1024;

/**
 * A captured stream is stored in pieces of at most this size. It fills whole pages of 64 KiB: four that hold nothing
 * else, and an eighth of one that it shares.
 */
export const CAPTURE_CHUNK_BYTES = 263 * 1024;

/** How many begun pieces are held in memory at most. */
export const CAPTURE_CHUNKS_MAX = 64;

/** What is captured becomes lasting after so many bytes, and after so long at the latest. */
export const CAPTURE_COMMIT_BYTES = 32 * 1024 * 1024;
export const CAPTURE_COMMIT_MS = 200;

/** How much the cache may keep after a run, unless SLUICE_CACHE_SIZE says otherwise. */
export const CACHE_BYTES_MAX = 10 * 1024 ** 3;

/** How long another engine's use of the cache's database is waited for. */
export const CACHE_LOCK_MS = 10_000;

/** A file that was changed later than so long ago may change again without anybody seeing it by its time. */
export const CACHE_FILE_SETTLED_MS = 2_000;

/** How many files a cached actor may look at, and how many of its entries with the same command and inputs are kept. */
export const CACHE_READS_MAX = 50_000;
export const CACHE_VARIANTS_MAX = 32;

/** How long what an actor has left behind is waited for, to know what it has read. */
export const CACHE_TRACE_END_MS = 2_000;

/** The clock of files is behind by as much; what was changed that shortly before may have been changed after. */
export const FILE_CLOCK_MS = 20;

/** How often a file is hashed that is changed meanwhile. */
export const HASH_TRIES_MAX = 3;

/** How much of a file is read at once to hash it, and how many files at the same time. */
export const HASH_READ_BYTES = 1024 * 1024;
export const HASHED_AT_ONCE = 4;

/** How many bytes one captured stream is read before others get their turn. */
export const CAPTURE_TURN_BYTES = 1024 * 1024;

/** Longest line of a message actor, unless the flow says otherwise, and the most that a flow may allow. */
export const MESSAGE_BYTES = 1024 * 1024;
export const MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

/** How deep a message may be nested: some languages read no deeper. */
export const NESTING_MAX = 256;

/** Longest name of a topic, and how many topics are remembered with who listens to them. */
export const TOPIC_LENGTH_MAX = 1024;
export const TOPICS_KNOWN_MAX = 10_000;

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

/** How many timers fire before others get their turn. */
export const TIMERS_TURN = 1000;
/** What the system can be asked to wait in one go; a timer may be due later. */
export const WAIT_MS_MAX = 2 ** 31 - 1;

/** Processes that were spawned and have ended, of which it is remembered how. */
export const SPAWNED_KNOWN_MAX = 1_000;

/** How often it is looked whether a stream that is kept has grown, for those that wait for more of it. */
export const FOLLOW_MS = 10;
