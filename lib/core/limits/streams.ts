/**
 * What bounds streams, buffers and files on their way. Bytes unless the name says otherwise.
 */

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

/** How many bytes one edge moves before others get their turn. */
export const TURN_BYTES = 4 * 1024 * 1024;

/** How long after a move was refused it is asked whether that was right. */
export const DOUBT_MS = 50;

/** Size asked for kernel pipes: the largest that an unprivileged process may have. */
export const PIPE_BYTES = 1024 * 1024;

/**
 * After how many new streams nobody is started before the relays have looked at all: those that have ended are closed.
 * Fewer where the system allows few descriptors: so many are the engine's own, so many one stream and its writer need.
 */
export const STREAMS_AHEAD_MAX = 16;
export const OWN_DESCRIPTORS = 40;
export const STREAM_DESCRIPTORS = 4;

/** How many files of a flow are open to be read at the same time: far below what any system allows. */
export const FILES_OPEN_MAX = 32;

/** How many files of `out` the relays have open at the same time, as long as there are descriptors. */
export const TARGETS_OPEN_MAX = 128;

/** How often it is looked whether somebody reads a named pipe of `out`. */
export const NAMED_PIPE_LOOK_MS = 10;
/** When it is said that nobody is at the other end of a named pipe. */
export const NAMED_PIPE_TOLD_MS = 3_000;
/** How long a named pipe that is given in place of a file (a flow, a table, variables) may be without a writer. */
export const GIVEN_PIPE_WAIT_MS = 3_000;

/** How much of the events may wait for somebody who reads them from a named pipe, and when it is said that they do. */
export const EVENTS_WAITING_BYTES_MAX = 64 * 1024 * 1024;
export const EVENTS_UNREAD_MS = 1_000;

/** How much is read from a file at once. */
export const FILE_READ_BYTES = 256 * 1024;

/** Lines longer than this are passed on in pieces, without others in between. */
export const MERGE_LINE_BYTES = 1024 * 1024;

/** How many bytes pass through the engine between two small garbage collections, where they are needed. */
export const COLLECT_EVERY_BYTES = 192 * 1024 * 1024;

/** How often it is looked whether a stream that is kept has grown, for those that wait for more of it. */
export const FOLLOW_MS = 10;

/** After how many bytes a log begins anew, unless it is said, and after how few at least; how many are kept beside it. */
export const LOG_BYTES = 10 * 1024 * 1024;
export const LOG_BYTES_MIN = 1024;
export const LOGS_KEPT = 5;

/** How often spans and figures are sent, how many spans may wait for that, and how long an answer is waited for. */
export const TELEMETRY_EACH_MS = 5_000;
export const TELEMETRY_SPANS_MAX = 20_000;
export const TELEMETRY_WAIT_MS = 5_000;
