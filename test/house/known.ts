/**
 * What still stands in the house that should not. These lists may only become shorter. Files are named without their
 * folders: one that moves is the same file.
 */

/** Files over `LINES_MAX` lines, with how many they have at most. */
export const KNOWN_LONG: Readonly<Record<string, number>> = {};

/** Classes with more than `MUTABLE_MAX` mutable members, with how many they have at most. */
export const KNOWN_MUTABLE: Readonly<Record<string, number>> = {};

/** Files that may be in a circle with each other. */
export const KNOWN_CIRCLES: readonly (readonly string[])[] = [];
