/**
 * Databases of captured runs that the command line names.
 */
import { openStoreToRead } from "../../store/capture/open_store.ts";
import { RunArchive } from "../../store/capture/run_archive.ts";
import { StoreError } from "../../store/capture/store_error.ts";
import { UsageError } from "./usage_error.ts";

/** Throws a UsageError when it cannot be read. */
export function openArchive(file: string): RunArchive {
  try {
    return new RunArchive(openStoreToRead(file));
  } catch (error) {
    throw error instanceof StoreError ? new UsageError(error.message) : error;
  }
}
