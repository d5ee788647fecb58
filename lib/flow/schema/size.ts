/**
 * Amounts of bytes as people write them: a number and its unit.
 */

/** What an amount looks like: `0`, `512KiB`, `64MiB`, `1.5GB`. */
export const SIZE = /^(\d+(?:\.\d+)?)\s?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB|K|M|G|T)$|^0$/;

/** The largest amount that is taken: beyond 8 PiB bytes cannot be counted exactly, and nobody has them. */
export const SIZE_MAX = "8191TiB";

const UNIT_BYTES: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["kB", 1e3],
  ["KB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["TB", 1e12],
  ...["K", "M", "G", "T"].flatMap((unit, at): [string, number][] => [
    [unit, 1024 ** (at + 1)],
    [`${unit}iB`, 1024 ** (at + 1)],
  ]),
]);

const SIZE_BYTES_MAX = 8191 * 1024 ** 4;

/** True for more bytes than anybody has: it is more likely a wrong unit. */
export function isTooLarge(bytes: number): boolean {
  return bytes > SIZE_BYTES_MAX;
}

/**
 * Turns `"64MiB"` into bytes, rounded to whole ones. `MB` are powers of 1000, `MiB` and `M` powers of 1024.
 *
 * @example
 * parseSize("64MiB"); // 67108864
 * parseSize("64"); // undefined
 */
export function parseSize(text: string): number | undefined {
  if (text === "0") return 0;
  const match = SIZE.exec(text);
  const unit = UNIT_BYTES.get(match?.[2] ?? "");
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
}
