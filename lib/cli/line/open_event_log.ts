/**
 * `--events FILE`: where events are written.
 */
import { isNamedPipe, waitForReader } from "../../host/descriptors/named_pipe.ts";
import { isGiven } from "../../host/descriptors/standard_streams.ts";
import { findOutputPlace } from "../../process/start/output_place.ts";
import type { EventLog } from "../../report/sinks/event_log.ts";
import { openEventLog } from "../../report/sinks/event_log.ts";
import { UsageError } from "./usage_error.ts";

/** Throws a UsageError when it cannot be written. */
export async function openLog(target: string): Promise<EventLog> {
  if (target === "-") return openEventLog(2);
  try {
    if (isNamedPipe(target)) return await openEventQueue(target);
    const place = findOutputPlace(target);
    if (place.kind !== "descriptor") return openEventLog(target);
    // To open it once more would empty the file behind it, and overwrite what others write there.
    if (isGiven(place.fd, "write")) return openEventLog(place.fd);
    throw new Error("this program was not given it (expected one that is open)");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot write events to "${target}": ${reason}`);
  }
}

/** The run does not wait for whoever reads it. */
async function openEventQueue(path: string): Promise<EventLog> {
  const { EventQueue } = await import("../../report/sinks/event_queue.ts");
  const { writePipe } = await import("../../host/bytes/byte_writer.ts");
  return new EventQueue(waitForReader(path, new AbortController().signal).then(writePipe));
}
