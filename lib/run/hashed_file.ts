/**
 * Fills a file from a pipe and hashes what passes, so that nothing has to be read a second time for it.
 */
import { createHash } from "node:crypto";
import { closeSync, writeSync } from "node:fs";
import { readPipe } from "../host/byte_reader.ts";
import { openFile } from "../host/descriptors.ts";

/** Reads a pipe, which it owns, to its end; gives the SHA-256 in hexadecimal. Rejects when the file cannot be written. */
export async function fillFile(readFd: number, path: string): Promise<string> {
  const reader = readPipe(readFd);
  try {
    const fd = openFile(path, "write");
    try {
      const hash = createHash("sha256");
      for (let bytes = await reader.read(); bytes !== undefined; bytes = await reader.read()) {
        hash.update(bytes);
        for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      }
      return hash.digest("hex");
    } finally {
      closeSync(fd);
    }
  } finally {
    reader.close();
  }
}
