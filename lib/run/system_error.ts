/**
 * Errors of the system as data.
 */
import { SpawnError } from "../host/spawned_process.ts";

/** The error's code, such as `ENOENT`, and its text. An error that is none of the system's is a bug and goes on. */
export function describeSystemError(error: unknown): { readonly errno: string; readonly reason: string } {
  if (error instanceof SpawnError) return { errno: error.errno, reason: error.message };
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    return { errno: error.code, reason: error.message };
  }
  throw error;
}

/** The same of a stream that the caller gave: whatever it throws is data, for nothing of it is the engine's bug. */
export function describeCallerError(error: unknown): { readonly errno: string; readonly reason: string } {
  if (!(error instanceof Error)) return { errno: "Error", reason: String(error) };
  const errno = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return { errno, reason: error.message };
}
