/**
 * What bounds the page and its server.
 */

/** How often browsers are told what has changed. */
export const PAGE_EACH_MS = 200;

/** How many browsers may follow at the same time, and how much may wait for one that does not read. */
export const PAGE_CLIENTS_MAX = 64;
export const PAGE_WAITING_BYTES_MAX = 1024 * 1024;

/** Connections, and how long one may take to ask. */
export const PAGE_CONNECTIONS_MAX = 256;
export const PAGE_REQUEST_MS = 10_000;

/** How long the end of a run waits for browsers that have not got the last of it. */
export const PAGE_END_MS = 1_000;

/** What a part of a stream is at most, and an order. */
export const PAGE_PART_BYTES = 64 * 1024;
export const PAGE_ORDER_BYTES_MAX = 4 * 1024;

/** Of a report: what is shown of each stream from its beginning and its end, and of all streams together. */
export const REPORT_PART_BYTES = 8 * 1024;
export const REPORT_STREAMS_BYTES = 4 * 1024 * 1024;
