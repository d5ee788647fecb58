/**
 * What bounds sets and the instances of actors that are over them.
 */

/** Most members of one set, and bytes of a table that is read for one. */
export const SET_MEMBERS_MAX = 1_000_000;
export const TABLE_BYTES_MAX = 256 * 1024 * 1024;

/** Longest key of a member: it is a part of its instances' names. */
export const MEMBER_KEY_LENGTH_MAX = 1024;

/** Most instances of one actor, and streams that all instances of a flow read together. */
export const INSTANCES_MAX = 100_000;
export const INSTANCE_STREAMS_MAX = 2_000_000;

/** Most instances of one actor beside each other in a member of a stream: all processes of a member run together. */
export const MEMBER_INSTANCES_MAX = 100;

/** Longest record of a stream that is a member, in bytes. */
export const MEMBER_RECORD_BYTES_MAX = 1024 * 1024;

/** Members of a stream that have ended, and whose output waits for that of others, before no more are begun. */
export const MEMBERS_AHEAD_MAX = 1024;

/** Records that wait for a place at whoever starts their members, so that the next one starts as soon as one has ended. */
export const MEMBERS_WAITING_MAX = 16;

/** What becomes of members is told together, after at most so many milliseconds: most have ended by then. */
export const MEMBERS_TOLD_MS = 3;

/** Members of a stream that end between two garbage collections. */
export const COLLECT_EVERY_MEMBERS = 4096;
