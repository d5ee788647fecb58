/**
 * What checks actors that split by key; loaded only where a flow has any.
 */
import { checkSplit } from "./check_split.ts";
import { checkReaders } from "./check_split_readers.ts";
import type { SplitRoom } from "./rooms.ts";

export const SPLITS: SplitRoom = { checkSplit, checkReaders };
