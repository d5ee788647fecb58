/**
 * How long relays rest when streams bring small pieces as fast as they can.
 */

/** After how many small pieces, one right after the other. */
export const REST_AFTER = 8;

/** How long at most: in that time nobody fills a pipe of the size that is asked for, or empties it. */
export const REST_MS_MAX = 0.25;
export const REST_MS_STEP = 0.05;

/** What had to be waited for longer than this comes now and then. To start a process takes several times as long. */
export const REST_QUIET_MS = 0.1;
