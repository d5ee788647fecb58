/**
 * A thread of the engine, and both sides of what is said between it and the run. What it does not survive is told: an
 * error of the system as such, anything else as a bug.
 */
import { MessageChannel, parentPort, Worker } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { closeFd, writeWhole } from "../descriptors/descriptors.ts";
import { codeOf, systemError } from "../errno.ts";

/** The side of whoever has started the thread. */
export interface EngineThread {
  post(message: unknown): void;
  /** Resolves when the thread has ended, in whatever way. */
  whenStopped(): Promise<void>;
  /** It is not needed any more. */
  end(): void;
}

export interface ThreadHooks<Report> {
  readonly onReport: (report: Report) => void;
  /** It broke, or could not be started. */
  readonly onError: (error: unknown) => void;
}

/** What crosses, beside reports: that the thread is there, and why it is not any more. */
type Word<Report> =
  | { readonly word: "up" }
  | { readonly word: "report"; readonly report: Report }
  | { readonly word: "broken"; readonly message: string; readonly code?: string; readonly stack?: string };

/** Starts the thread of a module that calls `serveThread`, and gives it its setup. */
export function openThread<Report>(
  module: URL,
  { setup, wakeFd, onReport, onError }: ThreadHooks<Report> & {
    readonly setup: unknown;
    /** The write end of a pipe at which the thread waits; it belongs to this side's care from now on. */
    readonly wakeFd?: number | undefined;
  },
): EngineThread {
  const { port1, port2 } = new MessageChannel();
  let isUp = false;
  let isEnded = false;
  let settle: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => settle = resolve);
  const end = (): void => {
    if (!isEnded && wakeFd !== undefined) closeFd(wakeFd);
    isEnded = true;
    settle();
  };
  const fail = (error: unknown): void => {
    onError(isUp ? error : toStartError(error));
    end();
  };
  port1.on("message", (word: Word<Report>) => {
    switch (word.word) {
      case "up":
        isUp = true;
        return;
      case "report":
        return onReport(word.report);
      case "broken":
        return fail(toError(word));
    }
  });
  const worker = startWorker(module, fail);
  worker?.postMessage({ setup, port: port2 }, [port2]);
  return {
    post(message) {
      if (isEnded) return; // Nobody listens any more, and the descriptor may be others' by now.
      port1.postMessage(message);
      if (wakeFd !== undefined) wake(wakeFd, fail);
    },
    async whenStopped() {
      await ended;
      port1.close();
      await worker?.terminate();
    },
    end,
  };
}

/** Undefined when it could not be started; that is told after whoever starts it has what it gets. */
function startWorker(module: URL, fail: (error: unknown) => void): Worker | undefined {
  try {
    const worker = new Worker(module, {
      execArgv: [], // What the engine was started with, such as --input-type, is not for its thread.
      trackUnmanagedFds: false, // It closes what the run has opened for it.
    });
    worker.on("error", fail);
    return worker;
  } catch (error) {
    setImmediate(() => fail(error));
    return undefined;
  }
}

/** Makes a thread look at what it was told, by a byte in the pipe that it waits at. */
function wake(fd: number, fail: (error: unknown) => void): void {
  try {
    writeWhole(fd, BELL);
  } catch (error) {
    fail(error);
  }
}

const BELL = new Uint8Array([0x21]);

/** Nothing of ours has run in it yet, so whatever it was, it was the system's or the runtime's doing. */
function toStartError(error: unknown): Error {
  const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
  const code = codeOf(error) ?? /\bE[A-Z]{3,}\b/.exec(text)?.[0] ?? "ESPAWN";
  return Object.assign(new Error(`a thread of the engine could not start: ${text}`), { code });
}

function toError({ message, code, stack }: Extract<Word<unknown>, { word: "broken" }>): Error {
  if (code !== undefined) return Object.assign(systemError(code), { message });
  return Object.assign(new Error(message), stack === undefined ? {} : { stack });
}

/** What the thread itself uses of its port. */
export interface ThreadPort<Report> {
  say(report: Report): void;
  /** For whoever receives by `receiveMessageOnPort`. */
  readonly port: MessagePort;
}

/** The thread's own side: serves with the setup that it is given, and ends. */
export function serveThread<Setup, Report>(
  serve: (setup: Setup, port: ThreadPort<Report>) => void | Promise<void>,
): void {
  const begin = async ({ setup, port }: { readonly setup: Setup; readonly port: MessagePort }) => {
    const say = (word: Word<Report>): void => port.postMessage(word);
    say({ word: "up" });
    try {
      await serve(setup, { port, say: (report) => say({ word: "report", report }) });
    } catch (error) {
      say({ word: "broken", ...describe(error) });
    } finally {
      port.close();
    }
  };
  // Only `openThread` posts to it.
  parentPort?.once("message", (given) => void begin(given));
}

function describe(
  error: unknown,
): { readonly message: string; readonly code?: string; readonly stack?: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = codeOf(error);
  return {
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
  };
}
