/**
 * The content of files, as SHA-256.
 */
import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { HASH_READ_BYTES } from "../core/limits.ts";
import type { FileStamp } from "./cache_store.ts";

/** The content of bytes in memory, in hexadecimal. */
export function hashBytes(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Reads a file once; gives its content's hash and size. Rejects with the system's error. */
export async function hashFile(path: string): Promise<{ readonly hash: string; readonly size: number }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: HASH_READ_BYTES })) {
    // A stream without an encoding gives bytes.
    const bytes = chunk as Uint8Array;
    hash.update(bytes);
    size += bytes.length;
  }
  return { hash: hash.digest("hex"), size };
}

/** What tells whether a regular file is the same as before; undefined when it is none. */
export function stampFile(path: string): FileStamp | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  if (stat === undefined || !stat.isFile()) return undefined;
  const changed = stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs;
  return { path, size: Number(stat.size), changed: String(changed) };
}
