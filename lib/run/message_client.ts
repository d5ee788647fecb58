/**
 * The run's side of its messages: the thread that carries them, and the words between the two.
 */
import { MessageChannel, Worker } from "node:worker_threads";
import { closeFd, makeEnginePipe, writeText } from "../host/descriptors.ts";
import { libc } from "../host/libc.ts";
import type { MessageCommand, MessageReport, MessageSetup } from "./message_protocol.ts";

export interface MessageClientHooks {
  readonly onReport: (report: Exclude<MessageReport, { type: "stopped" }>) => void;
  /** The thread broke: a bug. */
  readonly onError: (error: unknown) => void;
}

export class MessageClient {
  readonly #post: (commands: readonly MessageCommand[]) => void;
  readonly #stopped: Promise<void>;
  readonly #said: MessageCommand[] = [];
  #isStopping = false;

  constructor(setup: Omit<MessageSetup, "wakeFd">, { onReport, onError }: MessageClientHooks) {
    const wake = libc === undefined ? undefined : makeEnginePipe("read");
    // Run from source or from what was built of it.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const worker = new Worker(new URL(`./message_thread.${extension}`, import.meta.url), {
      execArgv: [], // What the engine was started with, such as --input-type, is not for its thread.
      trackUnmanagedFds: false, // It closes what the run has opened for it.
    });
    const { port1, port2 } = new MessageChannel();
    this.#stopped = new Promise<void>((resolve) => {
      port1.on("message", (reports: readonly MessageReport[]) => {
        for (const report of reports) {
          if (report.type === "stopped") resolve();
          else onReport(report);
        }
      });
      worker.on("error", (error) => {
        onError(error);
        resolve();
      });
    }).finally(() => {
      port1.close();
      if (wake !== undefined) closeFd(wake.writeFd);
      return worker.terminate();
    });
    worker.postMessage({ setup: { ...setup, wakeFd: wake?.readFd }, port: port2 }, [port2]);
    this.#post = (commands) => {
      port1.postMessage(commands);
      if (wake !== undefined) writeText(wake.writeFd, "!");
    };
  }

  /** What is said in one go wakes the thread once. */
  say(command: MessageCommand): void {
    if (this.#isStopping) return; // Nobody listens any more.
    if (this.#said.push(command) === 1) setImmediate(() => this.#post(this.#said.splice(0)));
  }

  /** Lets go of everything and ends the thread. */
  async stop(): Promise<void> {
    if (!this.#isStopping) this.say({ type: "stop" });
    this.#isStopping = true;
    await this.#stopped;
  }
}
