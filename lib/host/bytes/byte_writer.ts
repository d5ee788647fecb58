/**
 * Writing bytes to a descriptor; a write answers when the bytes have been taken, so nothing piles up.
 */
import { write } from "node:fs";
import process from "node:process";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { FILE_READ_BYTES } from "../../core/limits/streams.ts";
import { closeFd, closeFile, kindOfFd, makeNonBlocking, reopenPipe } from "../descriptors/descriptors.ts";
import { hasCode } from "../errno.ts";
import { openSocket } from "./open_socket.ts";
import { notePassedBytes } from "../memory.ts";
import { bun } from "../runtime.ts";

/** How long to wait when a descriptor that somebody made non-blocking is full. */
const FULL_RETRY_MS = 5;

export interface ByteWriter {
  /**
   * Resolves when the bytes are written: true, or false when nobody reads them any more (a closed pipe).
   * Any other error of the system is thrown. Not to be called again before it has answered.
   */
  write(chunk: Uint8Array): Promise<boolean>;
  /** Closes the descriptor; the reader sees the end. Everything written before has arrived. */
  close(): void;
}

/** Writes to the write end of a pipe, which it owns from now on. */
export function writePipe(fd: number): ByteWriter {
  if (bun !== undefined) return writeWithBun(fd);
  return writeStream(openSocket(fd, "write"), { isOwned: true });
}

/** Sockets of Bun write to pipes without waiting for room; its file sinks wait, on a duplicate of the descriptor. */
function writeWithBun(fd: number): ByteWriter {
  makeNonBlocking(fd);
  const sink = bun?.file(fd).writer({ highWaterMark: FILE_READ_BYTES });
  closeFd(fd);
  let isGone = sink === undefined;
  return {
    async write(chunk) {
      if (isGone) return false;
      try {
        await sink?.write(chunk);
        await sink?.flush(); // Small chunks would stay in the sink otherwise.
        return true;
      } catch (error) {
        isGone = true;
        if (!isClosedPipe(error)) throw error;
        return false;
      }
    },
    close() {
      isGone = true;
      // What was not written when the reader left is of no interest any more.
      void (async () => await sink?.end())().catch(() => undefined);
    },
  };
}

/** Writes to a stream of the runtime; it is ended by `close` when owned. */
export function writeStream(stream: Writable, { isOwned }: { isOwned: boolean }): ByteWriter {
  let isGone = false;
  let failed: Error | undefined;
  let answer: (() => void) | undefined;
  const leave = (error?: Error | null): void => {
    isGone = true;
    if (error && !isClosedPipe(error)) failed ??= error;
    answer?.();
  };
  stream.on("error", leave);
  stream.on("close", leave);
  return {
    async write(chunk) {
      if (!isGone) {
        await new Promise<void>((resolve) => {
          answer = resolve;
          stream.write(chunk, (error) => {
            if (error) leave(error);
            resolve();
          });
        });
        answer = undefined;
        notePassedBytes(chunk.length);
      }
      if (failed !== undefined) throw failed;
      return !isGone;
    },
    close() {
      if (isOwned) stream.destroy();
    },
  };
}

/** Writes to a file. `isOwned`: `close` closes the descriptor. */
export function writeFile(fd: number, { isOwned }: { isOwned: boolean }): ByteWriter {
  return {
    async write(chunk) {
      for (let offset = 0; offset < chunk.length;) {
        try {
          offset += await writeOnce(fd, chunk.subarray(offset));
        } catch (error) {
          if (isClosedPipe(error)) return false;
          if (!hasCode(error, "EAGAIN", "EINTR")) throw error;
          await sleep(FULL_RETRY_MS);
        }
      }
      return true;
    },
    close() {
      if (isOwned) closeFile(fd);
    },
  };
}

function writeOnce(fd: number, bytes: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(
      fd,
      bytes,
      0,
      bytes.length,
      null,
      (error, count) => error === null ? resolve(count) : reject(error),
    );
  });
}

/** Writes to the engine's standard output, whatever it is. */
export function writeStandardOutput(): ByteWriter {
  const kind = kindOfFd(1);
  if (kind === "file") return writeFile(1, { isOwned: false });
  if (kind === "pipe") {
    const reopened = reopenPipe(1, "write");
    if (reopened !== undefined) return writePipe(reopened);
  }
  return writeStream(process.stdout, { isOwned: false });
}

/** True for the errors of the system that say: nobody reads this any more. */
export function isReaderGone(error: unknown): boolean {
  return hasCode(error, "EPIPE", "ECONNRESET");
}

/** The same for a stream of the engine's own, which nobody else destroys. */
function isClosedPipe(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return isReaderGone(error) || code === "ERR_STREAM_DESTROYED" || code === "ERR_STREAM_PREMATURE_CLOSE";
}
