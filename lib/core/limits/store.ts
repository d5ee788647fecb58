/**
 * What bounds captures and the cache. Bytes unless the name says otherwise.
 */

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

/** How large a file that a command names may be to be searched for variables, to go on with a run. */
export const MENTIONS_BYTES_MAX = 1024 * 1024;

/** How often a file is hashed that is changed meanwhile. */
export const HASH_TRIES_MAX = 3;

/** How much of a file is read at once to hash it, and how many files at the same time. */
export const HASH_READ_BYTES = 1024 * 1024;
export const HASHED_AT_ONCE = 4;

/** Up to how many bytes a file is hashed while everything waits: to read it in the background costs more than that. */
export const HASHED_NOW_BYTES_MAX = 64 * 1024;

/** Up to how many inputs of cached actors are hashed while they are gathered; of more, each when it is complete. */
export const HASHED_PIPES_MAX = 32;

/** How often it is looked how much those have written whose output is kept as a whole. */
export const OUTPUT_LOOK_MS = 50;

/** How many bytes one captured stream is read before others get their turn. */
export const CAPTURE_TURN_BYTES = 1024 * 1024;
