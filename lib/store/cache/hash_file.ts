/**
 * The content of files, as SHA-256.
 */
import { createHash } from "node:crypto";
import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { HASH_READ_BYTES, HASHED_NOW_BYTES_MAX } from "../../core/limits/store.ts";
import { statIfThere } from "../../host/files/stat_if_there.ts";
import { MentionFinder } from "./mentions.ts";

/** What tells that a file is the same as before. */
export interface FileStamp {
  readonly path: string;
  readonly size: number;
  /** When it was written and when it was changed in any way, and which file it is. */
  readonly changed: string;
  /** The later of the two times, in milliseconds since the epoch. */
  readonly changedMs: number;
}

/** What bytes are. */
export interface Content {
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
  readonly size: number;
  /** The variables of the engine whose names are in it. */
  readonly mentions: readonly string[];
}

/** Finds out what bytes are that come one after the other. */
export class ContentHasher {
  readonly #hash = createHash("sha256");
  readonly #finder = new MentionFinder();
  #size = 0;

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#finder.feed(bytes);
    this.#size += bytes.length;
  }

  end(): Content {
    return { hash: this.#hash.digest("hex"), size: this.#size, mentions: this.#finder.end() };
  }
}

/** The hash of bytes in memory, in hexadecimal. */
export function hashBytes(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Reads a file once. Rejects with the system's error. */
export async function hashFile(path: string): Promise<Content> {
  const hasher = new ContentHasher();
  const size = statIfThere(path)?.size ?? 0n;
  if (size <= HASHED_NOW_BYTES_MAX) readNow(path, (bytes) => hasher.update(bytes));
  else {
    // Not more room than it needs, for there may be thousands.
    const highWaterMark = Math.min(HASH_READ_BYTES, Number(size) + 1);
    for await (const chunk of createReadStream(path, { highWaterMark })) {
      hasher.update(chunk as Uint8Array); // A stream without an encoding gives bytes.
    }
  }
  return hasher.end();
}

/** Reads a file once, while everything waits. Throws the system's error. */
export function hashFileNow(path: string): string {
  const hasher = createHash("sha256");
  readNow(path, (bytes) => hasher.update(bytes));
  return hasher.digest("hex");
}

/** Made once: as much room for each of many small files would be what the garbage collector has to do. */
let room: Uint8Array | undefined;

function readNow(path: string, take: (bytes: Uint8Array) => void): void {
  room ??= new Uint8Array(HASH_READ_BYTES);
  const fd = openSync(path, "r");
  try {
    for (let size = readSync(fd, room); size > 0; size = readSync(fd, room)) take(room.subarray(0, size));
  } finally {
    closeSync(fd);
  }
}

/** What tells whether a regular file is the same as before; undefined when it is none. */
export function stampFile(path: string): FileStamp | undefined {
  const stat = statIfThere(path);
  return stat === undefined || !stat.isFile() ? undefined : toStamp(path, stat);
}

/** What a file's status says of that. */
export function toStamp(
  path: string,
  { size, mtimeNs, ctimeNs, ino }: {
    readonly size: bigint;
    readonly mtimeNs: bigint;
    readonly ctimeNs: bigint;
    readonly ino: bigint;
  },
): FileStamp {
  const changedMs = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n);
  return { path, size: Number(size), changed: `${mtimeNs} ${ctimeNs} ${ino}`, changedMs };
}
