/** What nobody expects in a flow file or on a command line. */
import type { Random } from "../random/prng.ts";

/** Names that every object seems to have, and names that look like something else. */
export const ODD_NAMES: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "then",
  "length",
  "",
  " ",
  "-",
  "--",
  ".",
  "..",
  "/",
  ".end",
  "a.stdout",
  "a.",
  ".a",
  "stdin",
  "stderr",
  "$flow",
  "a/b",
  "../x",
  "0",
  "é",
  "💥",
  "\ud800",
  "\u202eabc",
  "x\0y",
  "\x1b[31m",
  "two\nlines",
  "{param.none}",
  "{in.left}",
  "{param.",
  "}{",
  "*",
  "[",
  "(",
  "n".repeat(5_000),
];

const ODD_TEXTS: readonly string[] = [
  ...ODD_NAMES,
  "0s",
  "-1s",
  "1e9h",
  "99999999999999h",
  "0B",
  "99999999TiB",
  "1.5KiB",
  "/pointer~2",
  "#member",
  "no-such-file",
  "**/**/**",
  "!*",
  "lines",
  "messages",
];

const ODD_NUMBERS: readonly number[] = [
  0,
  -0,
  -1,
  1,
  1.5,
  3,
  255,
  256,
  65_536,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e15,
  1e308,
  -1e308,
  5e-324,
];

/** Any JSON value; most are small. */
export function oddValue(random: Random): unknown {
  return random.weighted<() => unknown>([
    [6, () => random.pick(ODD_TEXTS)],
    [4, () => random.pick(ODD_NUMBERS)],
    [1, () => null],
    [1, () => random.chance(0.5)],
    [1, () => []],
    [1, () => ({})],
    [2, () => Array.from({ length: random.int(1, 3) }, () => oddValue(random))],
    [2, () => oddObject(random)],
    [1, () => ({ from: oddValue(random), as: "file" })],
    [1, () => nested(random.int(1, 250))],
  ])();
}

/** Its keys are its own, `__proto__` too. */
function oddObject(random: Random): object {
  const names = Array.from({ length: random.int(1, 3) }, () => random.pick(ODD_NAMES));
  return Object.fromEntries(names.map((name) => [name, oddValue(random)]));
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
