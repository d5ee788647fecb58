/**
 * What is longer than the messages of an actor may be.
 */
import type { Messaging } from "../../core/messaging.ts";

/** Of a line or a record, that its actor may have no such long one, and what allows it. */
export function describeTooLong(
  { name, messaging: { lineBytesMax, remote } }: { readonly name: string; readonly messaging: Messaging },
): string {
  const problem = `is longer than ${lineBytesMax} bytes`;
  // Those who are no actors of the flow have no limits of their own.
  return remote === "any" ? problem : `${problem} ("limits": {"message": …} of actor "${name}" allows more)`;
}
