/**
 * What a flow may say, and what is printed of one.
 */

/** Largest flow file that is read; more is a mistake, not a flow. So for a script that is imported. */
export const FLOW_FILE_BYTES_MAX = 16 * 1024 * 1024;

/** Largest file of variables (`--env-file`): no program can be started with so many. */
export const VARIABLES_BYTES_MAX = 4 * 1024 * 1024;

/** Most issues that are printed for one flow; the rest is counted. */
export const ISSUES_SHOWN_MAX = 50;

/** Most workers of one actor. */
export const WORKERS_MAX = 1024;

/** Most processes at a time that a flow may name: as many as there can be on Linux (2^22). */
export const PROCESSES_MAX = 4_194_304;

/** Most open files that the limits of an actor may name: beyond it no system can be set to. */
export const FILES_MAX = 2_147_483_584;

/** Most further tries of an actor. */
export const TRIES_MAX = 1_000_000;

/** The tree is printed in full up to this many lines, then shared parts are named once. */
export const TREE_LINES_MAX = 2_000;

/** Most flows that a flow uses, each counted as often as it is used: of flows that use two each there are soon many. */
export const USES_MAX = 10_000;
