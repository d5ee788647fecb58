/**
 * Bytes that only the runtime can read or write: a terminal, a stream of the caller.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ByteReader } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { monotonicMs } from "../time/monotonic_ms.ts";

/** So long it carries without a pause. A stream whose chunks are all there would let no timer of the caller's come. */
const TURN_MS = 10;

/** Carries to the end, or until nobody reads it any more; then closes both. */
export async function carry(reader: ByteReader, writer: ByteWriter): Promise<void> {
  try {
    let since = monotonicMs();
    for (let bytes = await reader.read(); bytes !== undefined; bytes = await reader.read()) {
      if (!await writer.write(bytes)) return;
      if (monotonicMs() - since < TURN_MS) continue;
      await sleep(0);
      since = monotonicMs();
    }
  } finally {
    reader.close();
    writer.close();
  }
}
