/**
 * All bytes of a stream, in a file that grows: whoever reads it gets them from the beginning, whenever it comes.
 */
import { read } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { FILE_READ_BYTES, FOLLOW_MS } from "../../core/limits/streams.ts";
import type { ByteReader } from "../../host/bytes/byte_reader.ts";
import { writeFile } from "../../host/bytes/byte_writer.ts";
import { closeFile, openFile } from "../../host/descriptors/descriptors.ts";

export class GrowingLog {
  readonly path: string;
  /** No more bytes come. */
  isEnded = false;

  constructor(path: string) {
    this.path = path;
    closeFile(openFile(path, "write"));
  }

  /** Reads from the beginning, and waits for more until the log has ended. */
  open(): ByteReader {
    const fd = openFile(this.path, "read");
    let at = 0;
    let isReading = false;
    let isClosed = false;
    const next = async (): Promise<Uint8Array | undefined> => {
      while (!isClosed) {
        // Asked first: what came before its end is in the file then.
        const { isEnded } = this;
        const bytes = await readAt(fd, at);
        at += bytes.length;
        if (bytes.length > 0) return bytes;
        if (isEnded) break;
        await sleep(FOLLOW_MS);
      }
      return undefined;
    };
    return {
      async read() {
        if (isClosed) return undefined;
        isReading = true;
        const bytes = await next().finally(() => isReading = false);
        if (isClosed) closeFile(fd);
        return bytes;
      },
      close() {
        // What is being read may not become another file meanwhile.
        if (!isClosed && !isReading) closeFile(fd);
        isClosed = true;
      },
    };
  }

  /** Takes all bytes of a reader. Rejects with the system's error, when they cannot be kept; the log has ended then, too. */
  async fill(reader: ByteReader): Promise<void> {
    const writer = writeFile(openFile(this.path, "write"), { isOwned: true });
    try {
      for (let chunk = await reader.read(); chunk !== undefined; chunk = await reader.read()) {
        await writer.write(chunk);
      }
    } finally {
      writer.close();
      reader.close();
      this.isEnded = true;
    }
  }
}

function readAt(fd: number, at: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(FILE_READ_BYTES);
  return new Promise((resolve, reject) =>
    read(fd, buffer, 0, buffer.length, at, (error, count) => {
      if (error !== null) reject(error);
      else resolve(buffer.subarray(0, count));
    })
  );
}
