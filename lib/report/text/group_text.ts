/**
 * How far the instances of an actor are: `120 done, 2 active, 1 failed`.
 */
import type { ActorState } from "../../core/result.ts";
import type { Color } from "./paint.ts";

const WORDS = [["done", "done"], ["running", "active"], ["failed", "failed"], [
  "stopped",
  "stopped",
]] as const;

/** What stands in brackets; undefined when all are in the same state, which has a text of its own. */
export function describeGroup(states: readonly ActorState[]): readonly [Color, string] | undefined {
  const counts = new Map<ActorState, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  if (counts.size < 2) return undefined;
  const color = counts.has("failed") ? "red" : counts.has("running") ? "magenta" : "yellow";
  return [color, describeCounts(counts)];
}

/** `120 done, 2 active, 1 failed` */
export function describeCounts(counts: ReadonlyMap<ActorState, number>): string {
  return WORDS.filter(([state]) => (counts.get(state) ?? 0) > 0)
    .map(([state, word]) => `${counts.get(state)} ${word}`).join(", ");
}
