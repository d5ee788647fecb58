/** Numbers that look random and depend on a seed alone, so that every graph can be made again. */

/** A stream of random choices. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of the items, of which there must be one. */
  pick<T>(items: readonly T[]): T;
  /** One of the items, each as probable as its weight is large. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T;
  /** The items in another order. */
  shuffle<T>(items: readonly T[]): T[];
}

/**
 * Starts a stream of choices. The same seed with another label gives another stream, so that a choice more in one
 * place changes nothing in another.
 *
 * @example
 * makeRandom(7, "sizes").int(1, 6); // the same number every time
 */
export function makeRandom(seed: number, label: string): Random {
  let state = hash(`${label} ${seed}`);
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new Error("Cannot pick one of nothing");
    // The index is within the list, so this is an item, whatever T is.
    return items[int(0, items.length - 1)] as T;
  };
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick,
    weighted<T>(items: readonly (readonly [number, T])[]): T {
      let rest = next() * items.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, item] of items) {
        rest -= weight;
        if (rest < 0) return item;
      }
      return pick(items)[1];
    },
    shuffle<T>(items: readonly T[]): T[] {
      const left = [...items];
      return items.flatMap(() => left.splice(int(0, left.length - 1), 1));
    },
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value;
}
