/**
 * Writing to standard output and standard error so that nothing is lost at exit, whatever the runtime: at once,
 * not through a stream that an exit would cut short.
 */
import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";

/** How long a full non-blocking terminal or pipe is waited for before the rest of a text is given up. */
const STUCK_MS_MAX = 10_000;
const RETRY_MS = 5;

let lost: string | undefined;

/** Why standard output could not be written, such as `ENOSPC`; a reader that has left is no reason to fail. */
export function whyOutputIsLost(): string | undefined {
  return lost;
}

/**
 * Writes a text (or bytes) to an open file descriptor, all of it. Returns false when nobody reads it any more or
 * it cannot be written; never throws.
 */
export function writeText(fd: number, text: string | Uint8Array): boolean {
  const code = writeAll(fd, text);
  if (fd === 1 && code !== "EPIPE") lost ??= code;
  return code === undefined;
}

/** Writes all of it; the error code of the system when it cannot. */
export function writeAll(fd: number, text: string | Uint8Array): string | undefined {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  let at = 0;
  let stuckMs = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at);
      stuckMs = 0;
    } catch (error) {
      // Another program on the same terminal may have made it non-blocking; everything else is final.
      const code = codeOf(error) ?? "unknown";
      if (code !== "EAGAIN" || stuckMs >= STUCK_MS_MAX) return code;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      stuckMs += RETRY_MS;
    }
  }
  return undefined;
}

const CHUNK_CHARACTERS = 64 * 1024;

/** Writes lines as they are made, without holding them all; stops when nobody reads them any more. */
export function writeLines(fd: number, lines: Iterable<string>): boolean {
  let chunk: string[] = [];
  let size = 0;
  for (const line of lines) {
    chunk.push(line, "\n");
    size += line.length + 1;
    if (size < CHUNK_CHARACTERS) continue;
    if (!writeText(fd, chunk.join(""))) return false;
    chunk = [];
    size = 0;
  }
  return writeText(fd, chunk.join(""));
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
