/**
 * Several sets at once: every member of the one with every member of the others, the last set fastest.
 */
import type { Member, MemberSet } from "./member.ts";

/** How many there are. */
export function countTuples(sets: readonly MemberSet[]): number {
  return sets.reduce((product, { members }) => product * members.length, 1);
}

/** Each by the names of its sets. */
export function listTuples(sets: readonly MemberSet[]): readonly ReadonlyMap<string, Member>[] {
  let tuples: readonly (readonly (readonly [string, Member])[])[] = [[]];
  for (const { name, members } of sets) {
    tuples = tuples.flatMap((tuple) => members.map((member) => [...tuple, [name, member] as const]));
  }
  return tuples.map((tuple) => new Map(tuple));
}
