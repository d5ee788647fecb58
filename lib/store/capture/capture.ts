/**
 * The engine's side of a capture: starts the thread that writes the database, and tells it what there is.
 */
import { Buffer } from "node:buffer";
import type { GrownRecord, RunRecord } from "../../core/archive.ts";
import type { RunEvent } from "../../core/event.ts";
import { unreachable } from "../../core/unreachable.ts";
import { closeFd, makeEnginePipe, writeWhole } from "../../host/descriptors/descriptors.ts";
import { openThread } from "../../host/threads/engine_thread.ts";
import type { CaptureCommand, CaptureReport, CaptureSetup } from "./capture_protocol.ts";
import { StoreError } from "./store_error.ts";

export interface CaptureHooks {
  /** The database could not be written on: what comes now is lost to it, and to nobody else. */
  readonly onFailed: (failure: { readonly errno: string; readonly reason: string }) => void;
  /** The thread broke: a bug. */
  readonly onError: (error: unknown) => void;
}

/** One run's way into a database. Streams are numbered as in the record of the run. */
export interface Capture {
  readonly file: string;
  begin(record: RunRecord, hooks: CaptureHooks): void;
  grow(record: GrownRecord): void;
  note(event: RunEvent): void;
  /** Captures what comes out of a pipe, which belongs to the capture from now on. */
  readPipe(stream: number, fd: number): void;
  /** Captures a regular file, from a position on. */
  readFile(stream: number, options: { readonly path: string; readonly from: number }): void;
  /** Captures bytes of a stream that are in memory. */
  writeBytes(stream: number, bytes: Uint8Array): void;
  /** All of a stream is in its pipe, or was given as bytes, and its writer has ended it by itself. */
  end(stream: number, options: { readonly isPiped: boolean }): void;
  /** Resolves when everything is in the database; nobody writes into the pipes any more. */
  settle(options: { readonly wantsFiles: boolean }): Promise<void>;
  /** Ends the capture; the database is free for others then. */
  close(): Promise<void>;
}

/** Opens a database for one run. Rejects with a StoreError when it cannot be used; then nothing is left open. */
export async function openCapture(file: string): Promise<Capture> {
  const capture = new ThreadCapture(file);
  await capture.opened;
  return capture;
}

class ThreadCapture implements Capture {
  readonly file: string;
  readonly opened: Promise<void>;
  readonly #commandFd: number;
  readonly #stopped: Promise<void>;
  /** Who waits for the next answer. */
  #answer: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;
  #hooks: CaptureHooks | undefined;
  #isClosed = false;

  constructor(file: string) {
    this.file = file;
    const { readFd, writeFd } = makeEnginePipe("read");
    this.#commandFd = writeFd;
    this.opened = this.#whenAnswered();
    this.#stopped = this.#startThread({ file, commandFd: readFd });
  }

  #startThread(setup: CaptureSetup): Promise<void> {
    // Run from source or from what was built of it.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const thread = openThread<CaptureReport>(new URL(`./capture_thread.${extension}`, import.meta.url), {
      setup,
      onReport: (report) => {
        this.#hear(report);
        if (report.type === "refused") closeFd(setup.commandFd); // The thread has not got so far.
        if (report.type === "stopped" || report.type === "refused") thread.end();
      },
      onError: (error) => {
        this.#answer?.reject(error);
        this.#hooks?.onError(error);
      },
    });
    return thread.whenStopped().finally(() => this.#closeCommands());
  }

  #hear(report: CaptureReport): void {
    switch (report.type) {
      case "opened":
      case "settled":
      case "stopped":
        return this.#answer?.resolve();
      case "refused":
        return this.#answer?.reject(new StoreError(report.message));
      case "failed":
        return this.#hooks?.onFailed(report);
      default:
        return unreachable(report);
    }
  }

  #whenAnswered(): Promise<void> {
    return new Promise((resolve, reject) => this.#answer = { resolve, reject });
  }

  begin(record: RunRecord, hooks: CaptureHooks): void {
    this.#hooks = hooks;
    this.#say({ type: "begin", record });
  }

  grow(record: GrownRecord): void {
    this.#say({ type: "grown", ...record });
  }

  note(event: RunEvent): void {
    this.#say({ type: "event", event });
  }

  readPipe(stream: number, fd: number): void {
    this.#say({ type: "pipe", stream, fd });
  }

  readFile(stream: number, { path, from }: { readonly path: string; readonly from: number }): void {
    this.#say({ type: "file", stream, path, from });
  }

  writeBytes(stream: number, bytes: Uint8Array): void {
    this.#say({ type: "bytes", stream, base64: Buffer.from(bytes).toString("base64") });
  }

  end(stream: number, { isPiped }: { readonly isPiped: boolean }): void {
    this.#say({ type: "ended", stream, isPiped });
  }

  async settle({ wantsFiles }: { readonly wantsFiles: boolean }): Promise<void> {
    if (this.#isClosed) return;
    const answered = this.#whenAnswered();
    this.#say({ type: "settle", wantsFiles });
    await Promise.race([answered, this.#stopped]);
  }

  async close(): Promise<void> {
    this.#say({ type: "stop" });
    await this.#stopped;
  }

  #say(command: CaptureCommand): void {
    if (this.#isClosed) return; // The descriptors may be others' by now.
    try {
      writeWhole(this.#commandFd, Buffer.from(`${JSON.stringify(command)}\n`));
    } catch (error) {
      // Without its commands the thread ends.
      this.#closeCommands();
      this.#hooks?.onError(error);
    }
  }

  #closeCommands(): void {
    if (!this.#isClosed) closeFd(this.#commandFd);
    this.#isClosed = true;
  }
}
