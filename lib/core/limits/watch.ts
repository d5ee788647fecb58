/** Watching files. */

/** How long nothing has to change before a flow is run again, in milliseconds: editors write a file in several steps. */
export const WATCH_QUIET_MS = 100;
