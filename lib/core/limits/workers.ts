/**
 * What bounds the blocks and lanes of actors with workers. Bytes unless the name says otherwise.
 */

/** How long a worker should be busy with a block of lines, and how large the first one is, and any. */
export const BLOCK_MS = 200;
export const BLOCK_GROWTH = 8;
export const WORK_BLOCK_BYTES = 256;
export const WORK_BLOCK_BYTES_MAX = 64 * 1024 * 1024;

/** A worker whose pipe has been full for so long is slower than the engine: the next one is given lines meanwhile. */
export const WORKER_SLOW_MS = 3;

/** What waits for a worker, or for the output of the workers before it, before no more is taken. */
export const WORKER_BYTES = 4 * 1024 * 1024;
