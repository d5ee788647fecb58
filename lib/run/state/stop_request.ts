/** What a caller's AbortSignal says: a signal's name, or a reason of its own. */
import { constants } from "node:os";

export type StopRequest =
  | { readonly by: "signal"; readonly signal: string }
  | { readonly by: "abort"; readonly reason: string };

/** Reads an abort's reason, which may be any value. */
export function readStopRequest(reason: unknown): StopRequest {
  if (typeof reason === "string" && Object.hasOwn(constants.signals, reason)) {
    return { by: "signal", signal: reason };
  }
  return { by: "abort", reason: textOf(reason) };
}

function textOf(reason: unknown): string {
  try {
    return reason instanceof Error ? reason.message : String(reason);
  } catch {
    return typeof reason; // It has no text.
  }
}
