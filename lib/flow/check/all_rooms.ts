/**
 * Every room of a check, for those who cannot wait until they are loaded.
 */
import { SETS } from "../expand/set_room.ts";
import { MESSAGES } from "./message_room.ts";
import { SPLITS } from "./split_room.ts";
import type { Rooms } from "./rooms.ts";

export const ALL_ROOMS: Rooms = { sets: SETS, messages: MESSAGES, splits: SPLITS };
