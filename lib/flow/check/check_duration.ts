/**
 * A key whose value is a duration.
 */
import type { CheckContext } from "./check_context.ts";
import { parseDuration } from "../schema/duration.ts";
import { quote } from "../schema/names.ts";

/** Milliseconds; undefined when the key is not there, or is reported to be wrong. */
export function checkDuration(
  text: string | undefined,
  { path, check, isPositive = true }: {
    readonly path: readonly string[];
    readonly check: CheckContext;
    /** False when 0 makes sense. */
    readonly isPositive?: boolean;
  },
): number | undefined {
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  const reason = !duration.ok
    ? duration.reason
    : isPositive && duration.ms === 0
    ? "nothing can be done in no time (expected more than 0)"
    : undefined;
  if (reason === undefined && duration.ok) return duration.ms;
  check.report({ path, message: `Cannot read "${path.at(-1) ?? ""}": ${quote(text)}: ${reason}` });
  return undefined;
}
