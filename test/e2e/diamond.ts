/** A fan-out that is joined again, whose branches carry more than pipes hold. */
export const LINES = 100_000;
/** Each branch carries 11 MB: twice what pipes and relays hold. In long lines: programs count lines, relays bytes. */
export const SOURCE = { run: ["seq", "-f", "%0109.0f", String(LINES)] };

/** `src` to two branches, which meet in an ordered join. */
export function diamond(branch: object, more: object = {}): object {
  return {
    actors: {
      src: SOURCE,
      a: { ...branch, in: "src" },
      b: { ...branch, in: "src" },
      join: { run: ["wc", "-l"], in: ["a", "b"] },
    },
    ...more,
  };
}
