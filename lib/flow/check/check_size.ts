/**
 * A key whose value is an amount of bytes. The schema has seen to the form.
 */
import type { CheckContext } from "./check_context.ts";
import { quote } from "../schema/names.ts";
import { isTooLarge, parseSize, SIZE_MAX } from "../schema/size.ts";

/** Bytes; undefined when the key is not there, or is reported to be wrong. */
export function checkSize(
  text: string | undefined,
  { path, check, whyNotZero }: {
    readonly path: readonly string[];
    readonly check: CheckContext;
    /** What is wrong with nothing, where it is. */
    readonly whyNotZero?: string;
  },
): number | undefined {
  const bytes = text === undefined ? undefined : parseSize(text);
  if (text === undefined || bytes === undefined) return undefined;
  const reason = isTooLarge(bytes)
    ? `it is too much (expected at most "${SIZE_MAX}")`
    : bytes === 0 && whyNotZero !== undefined
    ? `${whyNotZero} (expected more than 0)`
    : undefined;
  if (reason === undefined) return bytes;
  check.report({ path, message: `Cannot read "${path.at(-1) ?? ""}": ${quote(text)}: ${reason}` });
  return undefined;
}
