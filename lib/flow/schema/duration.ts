/**
 * Durations as people write them: a number and its unit.
 */

/** What a duration looks like: `500ms`, `5s`, `1.5m`, `1h`. */
export const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/** Longest duration that is taken, a year; a longer one is more likely a wrong unit. */
const DURATION_MS_MAX = 8760 * 60 * 60 * 1000;

const UNIT_MS: ReadonlyMap<string, number> = new Map([["ms", 1], ["s", 1000], ["m", 60_000], [
  "h",
  3_600_000,
]]);

/**
 * Turns `"5s"` into 5000 milliseconds, rounded to whole ones.
 *
 * @example
 * parseDuration("2m"); // { ok: true, ms: 120000 }
 * parseDuration("5"); // { ok: false, reason: "it has no unit (expected such as \"500ms\", \"5s\", \"2m\", \"1h\")" }
 */
export function parseDuration(text: string): { ok: true; ms: number } | { ok: false; reason: string } {
  const match = DURATION.exec(text);
  const unitMs = UNIT_MS.get(match?.[2] ?? "");
  if (match === null || unitMs === undefined) {
    const what = /^\d+(\.\d+)?$/.test(text) ? "it has no unit" : "it is no duration";
    return { ok: false, reason: `${what} (expected such as "500ms", "5s", "2m", "1h")` };
  }
  const ms = Math.round(Number(match[1]) * unitMs);
  if (ms > DURATION_MS_MAX) return { ok: false, reason: 'it is too long (expected at most "8760h")' };
  return { ok: true, ms };
}
