/**
 * Actors at the end of routes: what comes to one goes no further.
 */
import type { ActorProcess } from "../actors/actor_process.ts";
import type { Directory } from "../actors/directory.ts";
import { isMeant } from "../actors/landings.ts";

const END_ALIASES = ["happy-end", "error-end", "dead-letter"];

export function isAtEnd({ cell }: ActorProcess, directory: Directory): boolean {
  return END_ALIASES.some((alias) => isMeant(cell.actor, directory.find(alias)));
}
