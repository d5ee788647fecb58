/**
 * Errors of the system as data.
 */
import { codeOf, isSystemError, messageOf } from "./errno.ts";

/** The error's code, such as `ENOENT`, and its text. An error that is none of the system's is a bug and goes on. */
export function describeSystemError(error: unknown): { readonly errno: string; readonly reason: string } {
  if (!isSystemError(error)) throw error;
  return { errno: codeOf(error) ?? error.code, reason: messageOf(error) };
}

/** The same of a stream that the caller gave: whatever it throws is data, for nothing of it is the engine's bug. */
export function describeCallerError(error: unknown): { readonly errno: string; readonly reason: string } {
  if (!(error instanceof Error)) return { errno: "Error", reason: String(error) };
  const errno = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return { errno, reason: error.message };
}
