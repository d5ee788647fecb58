/**
 * What bounds the splitting of a stream by key. Bytes unless the name says otherwise.
 */

/** Most keys of one split, the longest of them, and all of them together. */
export const SPLIT_KEYS_MAX = 100_000;
export const SPLIT_KEY_BYTES_MAX = 1024;
export const SPLIT_KEYS_BYTES_MAX = 32 * 1024 * 1024;

/** Longest record: one whose quote is never closed would go on to the end. */
export const SPLIT_RECORD_BYTES_MAX = 16 * 1024 * 1024;

/** How much is held for all keys together before it is written into their files; the splits of a run share it. */
export const SPLIT_HELD_BYTES = 32 * 1024 * 1024;
export const SPLIT_HELD_BYTES_MIN = 1024 * 1024;

/** In pieces of such sizes what belongs to one key is held: the more keys there are, the smaller. */
export const SPLIT_PIECE_BYTES_MIN = 128;
export const SPLIT_PIECE_BYTES_MAX = 16 * 1024;

/** How much is held of the streams of single keys before it is given on. */
export const SPLIT_STREAMS_BYTES = 1024 * 1024;

/** How much is written into a file at once. */
export const SPLIT_WRITE_BYTES = 1024 * 1024;

/** How much of a record is shown where it is told to be wrong. */
export const SPLIT_RECORD_SHOWN_MAX = 60;

/** Longest name of a file, and longest path, on the systems there are. */
export const FILE_NAME_BYTES_MAX = 255;
export const FILE_PATH_BYTES_MAX = 4095;
