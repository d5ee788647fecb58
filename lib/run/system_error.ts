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
