/**
 * Issues as text for people:
 *
 *     flow.json:7:31  actors.bar.in[1]
 *       Cannot connect "fo": there is no actor or alias "fo" (did you mean "foo"?)
 *           7 |     "bar": { "run": ["cat"], "in": ["note", "fo"] },
 *             |                                             ^^^^
 */
import type { PlacedIssue } from "../../core/issue.ts";
import { ISSUES_SHOWN_MAX } from "../../core/limits/flow.ts";
import { pathText } from "./json_path.ts";

/** Characters of a source line that are shown; of a longer one, those around the place. */
const EXCERPT_LENGTH_MAX = 100;

/** A message holds names of the file, which may be long. */
const MESSAGE_LENGTH_MAX = 2_000;

/** How many characters are shown before a place in a long line. */
const BEFORE_LENGTH = 40;

/** All issues and how many there are; no line break at the end. */
export function formatIssues(issues: readonly PlacedIssue[], { color }: { color: boolean }): string {
  const lines = issues.slice(0, ISSUES_SHOWN_MAX).map((issue) => formatIssue(issue, color ? COLORS : PLAIN));
  const left = issues.length - ISSUES_SHOWN_MAX;
  if (left > 0) lines.push(`... and ${left} more`);
  lines.push(`${issues.length} ${issues.length === 1 ? "issue" : "issues"}; nothing was started`);
  return lines.join("\n");
}

interface Paint {
  readonly strong: (text: string) => string;
  readonly error: (text: string) => string;
}

const PLAIN: Paint = { strong: (text) => text, error: (text) => text };
const COLORS: Paint = {
  strong: (text) => `\x1b[1m${text}\x1b[22m`,
  error: (text) => `\x1b[31m${text}\x1b[39m`,
};

function formatIssue(issue: PlacedIssue, paint: Paint): string {
  const { file, line, column, path, message } = issue;
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  const head = [place, cut(pathText(path))].filter((part) => part !== "").map(harmless).join("  ");
  const lines = [`  ${harmless(cut(message))}`, ...formatExcerpt(issue, paint), ...formatUses(issue)];
  if (head !== "") lines.unshift(paint.strong(head));
  return lines.join("\n");
}

function formatExcerpt({ line, column, length, excerpt }: PlacedIssue, paint: Paint): string[] {
  if (line === undefined || column === undefined || excerpt === undefined) return [];
  const isLong = excerpt.length > EXCERPT_LENGTH_MAX;
  const start = isLong
    ? Math.max(0, Math.min(column - 1 - BEFORE_LENGTH, excerpt.length - EXCERPT_LENGTH_MAX))
    : 0;
  const end = Math.min(excerpt.length, start + EXCERPT_LENGTH_MAX);
  const before = start > 0 ? "…" : "";
  const after = end < excerpt.length ? "…" : "";
  const offset = column - 1 - start;
  const underlined = Math.max(1, Math.min(length ?? 1, end - start - offset));
  const number = String(line).padStart(7);
  return [
    `${number} | ${before}${harmless(excerpt.slice(start, end))}${after}`,
    `${" ".repeat(number.length)} | ${" ".repeat(before.length + offset)}${
      paint.error("^".repeat(underlined))
    }`,
  ];
}

/** Where the flow is used that it is in. */
function formatUses({ usedAt = [] }: PlacedIssue): string[] {
  return usedAt.map(({ file, line, column, path }) => {
    const place = [file, line, column].filter((part) => part !== undefined).join(":");
    return `  used by ${[place, pathText(path)].filter((part) => part !== "").map(harmless).join("  ")}`;
  });
}

function cut(text: string): string {
  return text.length > MESSAGE_LENGTH_MAX ? `${text.slice(0, MESSAGE_LENGTH_MAX)}…` : text;
}

/**
 * One character for one, so that places stay: a terminal obeys control characters, and shows text after a
 * change of direction in another order than it is.
 */
function harmless(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu,
    (character) => character === "\t" ? " " : "\ufffd",
  );
}
