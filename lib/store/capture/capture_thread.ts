/**
 * The thread that captures a run: reads the streams' taps and what the engine tells, and writes it into the database.
 * It is one loop, and it always reads: when the database cannot be written on, it reads and forgets. Started by
 * `capture.ts`.
 */
import { Buffer } from "node:buffer";
import { CAPTURE_COMMIT_BYTES, CAPTURE_COMMIT_MS } from "../../core/limits/store.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { Database } from "../../host/files/database.ts";
import { DatabaseError } from "../../host/files/database.ts";
import type { ThreadPort } from "../../host/threads/engine_thread.ts";
import { serveThread } from "../../host/threads/engine_thread.ts";
import { openDescriptorIo } from "../../host/descriptor_io/open_descriptor_io.ts";
import type { DescriptorIo } from "../../host/descriptor_io/descriptor_io.ts";
import type { CaptureCommand, CaptureReport, CaptureSetup } from "./capture_protocol.ts";
import { CapturedStreams } from "./captured_streams.ts";
import { CutRun } from "./cut_run.ts";
import { openStoreToWrite } from "./open_store.ts";
import { RunRecorder } from "./run_recorder.ts";
import { StoreError } from "./store_error.ts";

const COMMAND_BYTES = 64 * 1024;

class CaptureThread {
  readonly #io: DescriptorIo;
  readonly #port: ThreadPort<CaptureReport>;
  readonly #commandFd: number;
  readonly #streams: CapturedStreams;
  readonly #database: Database;
  /** While the run is written. */
  #recorder: RunRecorder | undefined;
  /** Once it could not be written on. */
  #cut: CutRun | undefined;
  readonly #buffer = new Uint8Array(COMMAND_BYTES);
  readonly #decoder = new TextDecoder();
  #begunLine = "";
  /** Since when something waits for a commit. */
  #dirtySince: number | undefined;
  #isSettled = false;
  #isStopped = false;

  constructor(
    { commandFd, database }: { readonly commandFd: number; readonly database: Database },
    { io, port }: { readonly io: DescriptorIo; readonly port: ThreadPort<CaptureReport> },
  ) {
    this.#io = io;
    this.#port = port;
    this.#commandFd = commandFd;
    this.#database = database;
    this.#streams = new CapturedStreams(io, {
      onChunk: (stream, bytes) => this.#record((recorder) => recorder.append(stream, bytes)),
      onComplete: (stream) => this.#record((recorder) => recorder.complete(stream)),
      onUnread: (error) => this.#tell({ type: "failed", ...error }),
    });
    io.watch(commandFd);
  }

  run(): void {
    let hasCommands = true;
    while (!this.#isStopped) {
      if (hasCommands) hasCommands = this.#readCommands();
      this.#streams.turn();
      this.#tellWhenSettled();
      if (this.#streams.hasBegun) this.#dirtySince ??= performance.now();
      const dueMs = this.#commitWhenDue();
      for (const { fd } of this.#io.wait(hasCommands || !this.#streams.isIdle ? 0 : dueMs)) {
        if (fd === this.#commandFd) hasCommands = true;
        else this.#streams.note(fd);
      }
    }
    this.#io.forget(this.#commandFd);
    this.#io.close(this.#commandFd);
    this.#io.end();
    this.#tell({ type: "stopped" });
  }

  /** Commits when it is time; gives how long that still is, in milliseconds, or -1. */
  #commitWhenDue(): number {
    if ((this.#recorder?.uncommitted ?? 0) >= CAPTURE_COMMIT_BYTES) this.#commit();
    if (this.#dirtySince === undefined) return -1;
    const restMs = CAPTURE_COMMIT_MS - (performance.now() - this.#dirtySince);
    if (restMs > 0) return Math.ceil(restMs);
    this.#streams.flush();
    this.#commit();
    return -1;
  }

  #tellWhenSettled(): void {
    if (this.#isSettled || !this.#streams.isSettled) return;
    this.#isSettled = true;
    this.#commit();
    this.#tell({ type: "settled" });
  }

  #commit(): void {
    this.#dirtySince = undefined;
    this.#attempt(() => this.#recorder?.commit());
  }

  #record(action: (recorder: RunRecorder) => void): void {
    const recorder = this.#recorder;
    if (recorder === undefined) return;
    this.#dirtySince ??= performance.now();
    this.#attempt(() => action(recorder));
  }

  /** What the flow does goes on without the database. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      if (this.#cut !== undefined) return; // It has been told.
      const { message: reason } = error;
      const errno = error.problem === "full" ? "ENOSPC" : "EIO";
      this.#cut = new CutRun(this.#database, { run: this.#recorder?.run, reason: `${errno}: ${reason}` });
      this.#recorder = undefined;
      this.#tell({ type: "failed", errno, reason });
    }
  }

  #close(): void {
    try {
      this.#database.close();
    } catch (error) {
      // It has been told already that it cannot be written.
      if (!(error instanceof DatabaseError)) throw error;
    }
  }

  /** Obeys what has come; true when there may be more. */
  #readCommands(): boolean {
    const count = this.#io.read(this.#commandFd, this.#buffer);
    // At its end nobody is there any more to say what is to be done.
    if (count === 0) this.#isStopped = true;
    if (count <= 0) return false;
    const lines = this.#decoder.decode(this.#buffer.subarray(0, count), { stream: true }).split("\n");
    lines[0] = this.#begunLine + (lines[0] ?? "");
    this.#begunLine = lines.pop() ?? "";
    // Only the engine's side of this file writes into the pipe.
    for (const line of lines) this.#obey(JSON.parse(line) as CaptureCommand);
    return true;
  }

  #obey(command: CaptureCommand): void {
    switch (command.type) {
      case "begin":
        return this.#begin(command.record);
      case "grown":
        return this.#record((recorder) => recorder.grow(command));
      case "event":
        if (command.event.type === "run-ended") this.#cut?.end(command.event);
        return this.#record((recorder) => recorder.note(command.event));
      case "pipe":
        return this.#streams.addPipe(command.stream, command.fd);
      case "file":
        return this.#streams.addFile(command.stream, command);
      case "bytes":
        return this.#record((recorder) =>
          recorder.append(command.stream, Buffer.from(command.base64, "base64"))
        );
      case "ended":
        if (command.isPiped) return this.#streams.noteEnded(command.stream);
        return this.#record((recorder) => recorder.complete(command.stream));
      case "settle":
        return this.#streams.settle(command);
      case "stop":
        this.#commit();
        // The journal goes with it.
        this.#attempt(() =>
          this.#database.exec("PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = DELETE")
        );
        this.#close();
        this.#isStopped = true;
        return;
      default:
        return unreachable(command);
    }
  }

  #begin(record: Extract<CaptureCommand, { type: "begin" }>["record"]): void {
    this.#attempt(() => this.#recorder = new RunRecorder(this.#database, record));
  }

  #tell(report: CaptureReport): void {
    this.#port.say(report);
  }
}

serveThread<CaptureSetup, CaptureReport>(({ file, commandFd }, port) => {
  try {
    const database = openStoreToWrite(file);
    port.say({ type: "opened" });
    new CaptureThread({ commandFd, database }, { io: openDescriptorIo({ wakeFd: commandFd }), port }).run();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    port.say({ type: "refused", message: error.message });
  }
});
