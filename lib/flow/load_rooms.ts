/**
 * Which rooms the check of a flow needs, asked of what was read before anything is checked.
 */
import type { Rooms } from "./check/rooms.ts";
import { listNeeds } from "./read/list_needs.ts";

/** Loads what the check of this needs. */
export async function loadRooms(definition: unknown): Promise<Rooms> {
  const needs = listNeeds(definition);
  return {
    ...(needs.has("sets") ? { sets: (await import("./expand/set_room.ts")).SETS } : {}),
    ...(needs.has("splits") ? { splits: (await import("./check/split_room.ts")).SPLITS } : {}),
    ...(needs.has("messages") ? { messages: (await import("./check/message_room.ts")).MESSAGES } : {}),
  };
}
