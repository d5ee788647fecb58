/**
 * Issues of a flow as one line each, `path: message`, for tests that compare all of them. A flow is checked with no more
 * than the rooms that it is said to need.
 */
import { ALL_ROOMS } from "../../lib/flow/check/all_rooms.ts";
import { checkFlow, type CheckOptions } from "../../lib/flow/check/check_flow.ts";
import type { Flow } from "../../lib/core/flow.ts";
import type { Rooms } from "../../lib/flow/check/rooms.ts";
import { listNeeds } from "../../lib/flow/read/list_needs.ts";
import { pathText } from "../../lib/flow/read/json_path.ts";

export function messagesOf(input: unknown, options: Partial<CheckOptions> = {}): string[] {
  const checked = checkFlow(input, { folder: "/flows", rooms: roomsFor(input), ...options });
  return checked.ok ? [] : checked.issues.map(({ path, message }) => `${pathText(path)}: ${message}`);
}

export function flowOf(input: unknown, options: Partial<CheckOptions> = {}): Flow {
  const checked = checkFlow(input, { folder: "/flows", rooms: roomsFor(input), ...options });
  if (!checked.ok) throw new Error(checked.issues.map((issue) => issue.message).join("\n"));
  return checked.flow;
}

/** The rooms that a program would load. */
export function roomsFor(definition: unknown): Rooms {
  const needs = listNeeds(definition);
  return Object.fromEntries(Object.entries(ALL_ROOMS).filter(([name]) => needs.has(name as keyof Rooms)));
}
