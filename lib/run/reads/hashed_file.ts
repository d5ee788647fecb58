/**
 * Fills a file from a pipe and hashes what passes, so that nothing has to be read a second time for it.
 */
import { closeSync, writeSync } from "node:fs";
import { readPipe } from "../../host/bytes/byte_reader.ts";
import { openFile } from "../../host/descriptors/descriptors.ts";
import type { Content } from "../../store/cache/hash_file.ts";
import { ContentHasher } from "../../store/cache/hash_file.ts";

/** Reads a pipe, which it owns, to its end; gives what has passed. Rejects with the system's error. */
export async function fillFile(readFd: number, path: string): Promise<Content> {
  const reader = readPipe(readFd, { isStrict: true });
  try {
    const fd = openFile(path, "write");
    try {
      const hasher = new ContentHasher();
      for (let bytes = await reader.read(); bytes !== undefined; bytes = await reader.read()) {
        hasher.update(bytes);
        for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      }
      return hasher.end();
    } finally {
      closeSync(fd);
    }
  } finally {
    reader.close();
  }
}
