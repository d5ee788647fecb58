/** Random numbers that can be had again: the seed is printed with a failure. */
export function makeRandom(
  seed = Math.floor(Math.random() * 2 ** 32),
): { readonly random: () => number; readonly seed: number } {
  let state = seed;
  return {
    seed,
    random() {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}
