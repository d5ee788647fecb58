/**
 * `--log FILE`, with `--log-format` and `--log-size`.
 */
import { statSync } from "node:fs";
import { LOG_BYTES, LOG_BYTES_MIN, LOGS_KEPT } from "../../core/limits/streams.ts";
import { isTooLarge, parseSize, SIZE_MAX } from "../../flow/schema/size.ts";
import { findOutputPlace } from "../../process/start/output_place.ts";
import type { EventLog } from "../../report/sinks/event_log.ts";
import { openRunLog } from "../../report/sinks/run_log.ts";
import type { GivenOptions } from "./read_arguments.ts";
import { UsageError } from "./usage_error.ts";

/** Throws a UsageError when it cannot be written as it is asked for. */
export function openFileLog(path: string, options: GivenOptions): EventLog {
  const limits = { format: readFormat(path, options), bytesMax: readSize(options), keptMax: LOGS_KEPT };
  const place = findOutputPlace(path);
  // It would be renamed when it is full, and what others write there overwrites what was appended.
  if (place.kind === "descriptor") {
    throw new UsageError(
      `Cannot write the log to "${path}": it is descriptor ${place.fd} of this program (expected a file; --events takes one)`,
    );
  }
  // To open one waits until somebody reads it, and no signal ends that.
  if (isNamedPipe(path)) {
    throw new UsageError(
      `Cannot write the log to "${path}": it is a named pipe (expected a file; --events takes one)`,
    );
  }
  try {
    return openRunLog(path, limits);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot write the log to "${path}": ${reason}`);
  }
}

/** What cannot be asked for is told when it is opened. */
function isNamedPipe(path: string): boolean {
  try {
    return statSync(path).isFIFO();
  } catch {
    return false;
  }
}

/** Without the option it is the name of the file that tells. */
function readFormat(path: string, { "log-format": format }: GivenOptions): "json" | "text" {
  if (format === undefined) return /\.(?:nd)?jsonl?$/.test(path) ? "json" : "text";
  if (format === "json" || format === "text") return format;
  throw new UsageError(
    `Cannot write the log as "${format}" (expected --log-format text or --log-format json)`,
  );
}

function readSize({ "log-size": text }: GivenOptions): number {
  if (text === undefined) return LOG_BYTES;
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes >= LOG_BYTES_MIN && !isTooLarge(bytes)) return bytes;
  throw new UsageError(
    `Cannot begin a log anew after "${text}" (expected a size such as --log-size 10MiB, from ${LOG_BYTES_MIN}B to ${SIZE_MAX})`,
  );
}
