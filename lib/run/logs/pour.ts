/**
 * From readers into a pipe, at the speed of whoever reads that.
 */
import type { ByteReader } from "../../host/bytes/byte_reader.ts";
import { writePipe } from "../../host/bytes/byte_writer.ts";

/**
 * Writes all that the readers give, one after the other, into the write end of a pipe, until nobody reads it any more.
 * Everything belongs to it and is closed. Rejects with an error of the system.
 */
export async function pour(readers: readonly ByteReader[], fd: number): Promise<void> {
  const writer = writePipe(fd);
  try {
    for (const reader of readers) {
      for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) {
        if (!await writer.write(chunk)) return;
      }
    }
  } finally {
    for (const reader of readers) reader.close();
    writer.close();
  }
}
