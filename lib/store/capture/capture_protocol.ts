/**
 * What the engine and the thread that captures its run say to each other. Commands are lines of JSON in a pipe, so
 * that whoever says too much has to wait, as everywhere; answers are messages.
 */
import type { GrownRecord, RunRecord } from "../../core/archive.ts";
import type { RunEvent } from "../../core/event.ts";

export interface CaptureSetup {
  readonly file: string;
  /** Where the commands come from. */
  readonly commandFd: number;
}

/** Streams are numbered as in the record of the run. Descriptors belong to the thread from then on. */
export type CaptureCommand =
  | { readonly type: "begin"; readonly record: RunRecord }
  /** The run has grown; the number of the stream is the next one. */
  | ({ readonly type: "grown" } & GrownRecord)
  | { readonly type: "event"; readonly event: RunEvent }
  | { readonly type: "pipe"; readonly stream: number; readonly fd: number }
  /** A regular file, from a position on. */
  | { readonly type: "file"; readonly stream: number; readonly path: string; readonly from: number }
  | { readonly type: "bytes"; readonly stream: number; readonly base64: string }
  /** All of a stream is in its pipe, or was given as bytes, and its writer has ended it by itself. */
  | { readonly type: "ended"; readonly stream: number; readonly isPiped: boolean }
  /** No more bytes come into any pipe. Files are read to their ends, unless they are not wanted any more. */
  | { readonly type: "settle"; readonly wantsFiles: boolean }
  | { readonly type: "stop" };

export type CaptureReport =
  | { readonly type: "opened" }
  /** The database cannot be used; the text says why. */
  | { readonly type: "refused"; readonly message: string }
  /** It could not be written on: from now on everything is read and forgotten. Or a stream could not be read. */
  | { readonly type: "failed"; readonly errno: string; readonly reason: string }
  | { readonly type: "settled" }
  | { readonly type: "stopped" };
