/**
 * The run's side of its messages: the thread that carries them, and the words between the two.
 */
import { makeEnginePipe } from "../../host/descriptors/descriptors.ts";
import type { EngineThread } from "../../host/threads/engine_thread.ts";
import { openThread } from "../../host/threads/engine_thread.ts";
import { makeHeard, noteHeard } from "../../host/threads/heard.ts";
import { libc } from "../../host/descriptors/libc.ts";
import type { MessageCommand, MessageReport, MessageSetup } from "./message_protocol.ts";

export interface MessageClientHooks {
  readonly onReport: (report: Exclude<MessageReport, { type: "stopped" }>) => void;
  /** The thread broke: a bug. */
  readonly onError: (error: unknown) => void;
}

export class MessageClient {
  readonly #thread: EngineThread;
  readonly #said: MessageCommand[] = [];
  #isStopping = false;

  constructor(setup: Omit<MessageSetup, "wakeFd" | "heard">, { onReport, onError }: MessageClientHooks) {
    const heard = makeHeard();
    const wake = libc() === undefined ? undefined : makeEnginePipe("read");
    // Run from source or from what was built of it.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const thread = this.#thread = openThread<readonly MessageReport[]>(
      new URL(`./message_thread.${extension}`, import.meta.url),
      {
        setup: { ...setup, heard, wakeFd: wake?.readFd },
        wakeFd: wake?.writeFd,
        onReport: (reports) => {
          try {
            for (const report of reports) {
              if (report.type === "stopped") thread.end();
              else onReport(report);
            }
          } finally {
            noteHeard(heard, reports.length);
          }
        },
        onError,
      },
    );
  }

  /** What is said in one go wakes the thread once. */
  say(command: MessageCommand): void {
    if (this.#isStopping) return; // Nobody listens any more.
    if (this.#said.push(command) === 1) setImmediate(() => this.#thread.post(this.#said.splice(0)));
  }

  /** Lets go of everything and ends the thread. */
  async stop(): Promise<void> {
    if (!this.#isStopping) this.say({ type: "stop" });
    this.#isStopping = true;
    await this.#thread.whenStopped();
  }
}
