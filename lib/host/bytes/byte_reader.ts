/**
 * Reading bytes from a descriptor, one chunk at a time and only when asked: that is what makes backpressure.
 */
import { read } from "node:fs";
import process from "node:process";
import type { Readable } from "node:stream";
import { FILE_READ_BYTES } from "../../core/limits/streams.ts";
import { closeFd, closeFile, kindOfFd, makeNonBlocking, reopenPipe } from "../descriptors/descriptors.ts";
import { openSocket } from "./open_socket.ts";
import { isSystemError, systemError } from "../errno.ts";
import { bun } from "../runtime.ts";

export interface ByteReader {
  /** The next bytes, at least one; undefined at the end. Not to be called again before it has answered. */
  read(): Promise<Uint8Array | undefined>;
  /** Stops reading and closes the descriptor; a writer at the other end sees a closed pipe. */
  close(): void;
}

/**
 * Reads the read end of a pipe, which it owns from now on. An error of the pipe counts as its end; with `isStrict`, where
 * bytes count, it is thrown.
 */
export function readPipe(fd: number, { isStrict = false }: { readonly isStrict?: boolean } = {}): ByteReader {
  makeNonBlocking(fd);
  return bun === undefined ? readStream(openSocket(fd, "read"), { isStrict }) : readWithBun(fd, isStrict);
}

/** Sockets of Bun do not read from pipes; its file streams do, on a duplicate that they make of the descriptor. */
function readWithBun(fd: number, isStrict: boolean): ByteReader {
  const reader = bun?.file(fd).stream().getReader();
  closeFd(fd);
  let isClosed = false;
  return {
    async read() {
      if (isClosed || reader === undefined) return undefined;
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          if (value.length > 0) return value;
        }
      } catch (error) {
        // Bun has no code for some errors.
        if (isStrict && !isClosed) throw isSystemError(error) ? error : systemError("EIO", "read");
        // A broken pipe is at its end.
      }
      isClosed = true;
      return undefined;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      // Nobody is interested in how the reading ended.
      void reader?.cancel().catch(() => undefined);
    },
  };
}

/** Reads a stream of the runtime. An error counts as its end; with `isStrict` it is thrown, and so is an early close. */
export function readStream(
  stream: Readable,
  { isStrict = false }: { readonly isStrict?: boolean } = {},
): ByteReader {
  const waiting: Uint8Array[] = [];
  let isEnded = stream.readableEnded;
  let isClosed = false;
  let failed: unknown;
  let wake: (() => void) | undefined;
  const settle = (): void => {
    const resolve = wake;
    wake = undefined;
    resolve?.();
  };
  const end = (): void => {
    isEnded = true;
    settle();
  };
  const fail = (error: unknown): void => {
    if (!isEnded) failed ??= error;
    end();
  };
  const noteClose = (): void => fail(new Error("the stream was closed before its end"));
  stream.on("data", (chunk: unknown) => {
    if (typeof chunk === "string") waiting.push(new TextEncoder().encode(chunk));
    else if (chunk instanceof Uint8Array) waiting.push(chunk);
    else fail(new TypeError("a stream gave something else than bytes or text"));
    stream.pause();
    settle();
  });
  stream.pause();
  stream.on("end", end);
  stream.on("close", noteClose);
  stream.on("error", fail);
  if (stream.errored) fail(stream.errored);
  else if (stream.destroyed) noteClose();
  return {
    async read() {
      for (;;) {
        const chunk = waiting.shift();
        if (chunk !== undefined && chunk.length > 0) return chunk;
        if (chunk === undefined && isEnded) {
          if (isStrict && failed !== undefined && !isClosed) throw failed;
          return undefined;
        }
        if (chunk !== undefined) continue;
        const woken = new Promise<void>((resolve) => wake = resolve);
        stream.resume();
        await woken;
      }
    },
    close() {
      isClosed = true;
      stream.destroy();
    },
  };
}

/** Reads a file from its current position; `close` closes the descriptor. Errors of the system are thrown. */
export function readFile(fd: number): ByteReader {
  let isClosed = false;
  return {
    read() {
      if (isClosed) return Promise.resolve(undefined);
      const buffer = new Uint8Array(FILE_READ_BYTES);
      return new Promise((resolve, reject) => {
        read(fd, buffer, 0, buffer.length, null, (error, count) => {
          if (error !== null) reject(error);
          else resolve(count === 0 ? undefined : buffer.subarray(0, count));
        });
      });
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      closeFile(fd);
    },
  };
}

/** Reads the engine's standard input, whatever it is. */
export function readStandardInput(): ByteReader {
  const kind = kindOfFd(0);
  if (kind === "file") return { ...readFile(0), close: () => undefined };
  const reopened = kind === "pipe" ? reopenPipe(0, "read") : undefined;
  return reopened === undefined
    ? readStream(process.stdin, { isStrict: true })
    : readPipe(reopened, { isStrict: true });
}

/** Reads bytes that are in memory. */
export function readBytes(bytes: Uint8Array): ByteReader {
  let rest: Uint8Array | undefined = bytes.length === 0 ? undefined : bytes;
  return {
    read() {
      const now = rest;
      rest = undefined;
      return Promise.resolve(now);
    },
    close() {
      rest = undefined;
    },
  };
}
