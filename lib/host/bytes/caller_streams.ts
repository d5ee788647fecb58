/**
 * Streams that the caller of the library gives for standard input and output, of Node or of the web. Unlike a pipe of
 * the engine's own, such a stream that breaks, or is closed before its end, is an error that is told.
 */
import type { Readable, Writable } from "node:stream";
import type { ByteReader } from "./byte_reader.ts";
import { readStream } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { isReaderGone } from "./byte_writer.ts";
import { notePassedBytes } from "../memory.ts";

export type CallerReadable = Readable | ReadableStream<Uint8Array | string>;
export type CallerWritable = Writable | WritableStream<Uint8Array>;

/** True for a stream of Node or of the web that can be read. */
export function isCallerReadable(value: object): value is CallerReadable {
  return "getReader" in value || ("on" in value && "resume" in value);
}

/** True for a stream of Node or of the web that can be written. */
export function isCallerWritable(value: unknown): value is CallerWritable {
  return typeof value === "object" && value !== null && ("getWriter" in value || "write" in value);
}

/** True for a stream of the web that somebody else reads or writes. */
export function isLocked(value: object): boolean {
  return "locked" in value && value.locked === true;
}

/** Reads such a stream, which is not used any more when it is closed. What breaks it is thrown by a read. */
export function readFromCaller(stream: CallerReadable): ByteReader {
  return "getReader" in stream ? readWebStream(stream) : readStream(stream, { isStrict: true });
}

/** Writes to such a stream, which is not ended. What breaks it is thrown by a write. */
export function writeToCaller(stream: CallerWritable): ByteWriter {
  return "getWriter" in stream ? writeWebStream(stream) : writeNodeStream(stream);
}

function readWebStream(stream: ReadableStream<Uint8Array | string>): ByteReader {
  let reader: ReadableStreamDefaultReader<Uint8Array | string> | undefined;
  let isClosed = false;
  return {
    async read() {
      reader ??= stream.getReader(); // It throws when somebody else reads the stream.
      while (!isClosed) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
        if (!(bytes instanceof Uint8Array)) {
          throw new TypeError("a stream gave something else than bytes or text");
        }
        if (bytes.length > 0) return bytes;
      }
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

function writeWebStream(stream: WritableStream<Uint8Array>): ByteWriter {
  let writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  return {
    async write(chunk) {
      writer ??= stream.getWriter(); // It throws when somebody else writes to the stream.
      try {
        await writer.write(chunk);
      } catch (error) {
        if (isReaderGone(error)) return false;
        throw error ?? new Error("the stream was aborted");
      }
      notePassedBytes(chunk.length);
      return true;
    },
    close: () => writer?.releaseLock(),
  };
}

function writeNodeStream(stream: Writable): ByteWriter {
  let failed: unknown = stream.errored ?? undefined;
  let answer: (() => void) | undefined;
  const fail = (error: unknown): void => {
    failed ??= error;
    answer?.();
  };
  const noteError = (error: Error): void => fail(error);
  const noteClose = (): void => fail(new Error("the stream was closed before all was written"));
  if (stream.writableEnded || stream.destroyed) noteClose();
  stream.on("error", noteError);
  stream.on("close", noteClose);
  return {
    async write(chunk) {
      if (failed === undefined) {
        await new Promise<void>((resolve) => {
          answer = resolve;
          stream.write(chunk, (error) => error ? fail(error) : resolve());
        });
        answer = undefined;
        notePassedBytes(chunk.length);
      }
      if (failed === undefined) return true;
      if (isReaderGone(failed)) return false;
      throw failed;
    },
    close() {
      stream.off("close", noteClose);
      // An error that comes later is still nobody's surprise when the stream has failed here.
      if (failed === undefined) stream.off("error", noteError);
    },
  };
}
