/**
 * Bytes that only the runtime can read or write: a terminal, a stream of the caller.
 */
import type { ByteReader } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";

/** Carries to the end, or until nobody reads it any more; then closes both. */
export async function carry(reader: ByteReader, writer: ByteWriter): Promise<void> {
  try {
    for (let bytes = await reader.read(); bytes !== undefined; bytes = await reader.read()) {
      if (!await writer.write(bytes)) return;
    }
  } finally {
    reader.close();
    writer.close();
  }
}
