/**
 * How often it is looked who waits for whom, and what a guess takes.
 */

/** A buffer on a closed cycle of waiting becomes this many times as large. */
export const GROWTH_FACTOR = 4;

/** When a stream does not move, how soon its actors are looked at, and how seldom at last. */
export const WATCH_MIN_MS = 5;
export const WATCH_MAX_MS = 250;

/** What share of the time may go into such looks while other streams move. */
export const WATCH_SHARE = 0.008;

/** An actor that may be waiting for anything is taken to wait when nothing has moved for so long. */
export const NO_PROGRESS_MS = 300;

/** Nobody's run is ended for such a guess before nothing has moved for so long. */
export const NO_PROGRESS_FATAL_MS = 10_000;

/** How soon, and how seldom at last, a run in which nothing moves at all is looked at. */
export const IDLE_MIN_MS = 500;
export const IDLE_MAX_MS = 10_000;
