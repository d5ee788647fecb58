/**
 * What the cache holds, for people.
 */
import type { CacheEntry } from "../../core/cached.ts";
import { formatBytes } from "./format_bytes.ts";
import { formatDuration } from "./format_duration.ts";
import { makeOneLine } from "./make_harmless.ts";
import { makePaint } from "./paint.ts";
import { shorten } from "./shell_quote.ts";

const COMMAND_WIDTH_MAX = 60;

/** One line for each entry, in the given order, and one for all of them. */
export function listCacheLines(
  entries: readonly CacheEntry[],
  { bytes, folder, now, color }: {
    /** What all of them take together: contents that several share count once. */
    readonly bytes: number;
    readonly folder: string;
    /** Milliseconds since the epoch. */
    readonly now: number;
    readonly color: boolean;
  },
): readonly string[] {
  const paint = makePaint(color);
  const rows = entries.map((entry) => [
    `${entry.flow}/${entry.actor}`,
    formatBytes(entry.streams.reduce((sum, { size }) => sum + size, 0)),
    `took ${formatDuration(entry.durationMs)}`,
    `used ${formatDuration(Math.max(0, now - entry.usedAt))} ago`,
    shorten(makeOneLine(entry.command), COMMAND_WIDTH_MAX),
  ]);
  const widths = [0, 1, 2, 3].map((at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row.map((text, at) => at === 4 ? paint("gray", text) : text.padEnd(widths[at] ?? 0)).join("  ").trimEnd()
  );
  const count = entries.length === 1 ? "1 entry" : `${entries.length} entries`;
  return [...lines, `${count}, ${formatBytes(bytes)} in ${folder}`];
}
