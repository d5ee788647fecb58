/**
 * The standard errors that are no streams of the flow: read by the engine, a line at a time. Nobody waits for their
 * ends, but what is written to them before the end of the run is told.
 */
import { STDERR_DRAIN_MS } from "../../core/limits/process.ts";
import type { Actor } from "../../core/flow.ts";
import type { ByteReader } from "../../host/bytes/byte_reader.ts";
import { readPipe } from "../../host/bytes/byte_reader.ts";
import { closeFd, makePipe } from "../../host/descriptors/descriptors.ts";
import { QuietPipes } from "../../host/bytes/quiet_pipes.ts";
import { describeSystemError } from "../../host/system_error.ts";
import { readLines } from "./line_reader.ts";
import { OpenLine } from "./open_line.ts";
import type { ProcessRun } from "../state/process_run.ts";
import { waitFor } from "../../host/time/wait_for.ts";
import type { Wires } from "../state/wires.ts";

export interface StderrHooks {
  /** Whole lines, with line breaks between them. */
  readonly onLines: (actor: Actor, lines: string) => void;
  /** What stands in a line that has begun and not ended, and nothing later. @default such lines are told now and then */
  readonly onOpenLine?: ((actor: Actor, text: string) => void) | undefined;
  /** The system did not read on: whatever was said from then on is not told. */
  readonly onUnread: (actor: Actor, error: { readonly errno: string; readonly reason: string }) => void;
  /** Who else gets the bytes of an actor; it is told of their end by `undefined`. */
  readonly keep: (actor: Actor) => ((bytes: Uint8Array | undefined) => void) | undefined;
}

export class StderrPipes {
  readonly #silent = new QuietPipes();
  readonly #hooks: StderrHooks;
  /** Those that have said something, and are not at their ends. */
  readonly #readers = new Set<ByteReader>();
  readonly #reading = new Set<Promise<void>>();

  constructor(hooks: StderrHooks) {
    this.#hooks = hooks;
  }

  /** Makes the pipe of a process. */
  wire(run: ProcessRun, wires: Wires): void {
    const { readFd, writeFd } = makePipe("usual");
    wires.fds.set(2, writeFd);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    wires.stderr = { ended, look: () => this.#silent.look(readFd) };
    wires.started.push(() => {
      closeFd(writeFd);
      const reading = this.#read(run, readFd).finally(() => this.#reading.delete(reading));
      this.#reading.add(reading);
      resolve(reading);
    });
    wires.notStarted.push(() => {
      closeFd(readFd);
      closeFd(writeFd);
    });
  }

  async #read(run: ProcessRun, fd: number): Promise<void> {
    const keep = this.#hooks.keep(run.actor);
    if (await this.#silent.wait(fd) === "ready") {
      const reader = readPipe(fd, { isStrict: true });
      this.#readers.add(reader);
      await this.#readLines(run, keep === undefined ? reader : withCopy(reader, keep));
      this.#readers.delete(reader);
    }
    keep?.(undefined);
  }

  async #readLines(run: ProcessRun, reader: ByteReader): Promise<void> {
    const { onLines, onOpenLine, onUnread } = this.#hooks;
    const open = new OpenLine({
      show: onOpenLine && ((text) => onOpenLine(run.actor, text)),
      log: (line) => onLines(run.actor, line),
    });
    try {
      await readLines(reader, {
        onLines: (lines) => {
          run.noteLines(lines);
          onLines(run.actor, lines);
        },
        onOpen: (text, isRewritten) => open.set(text, isRewritten),
      });
    } catch (error) {
      onUnread(run.actor, describeSystemError(error));
      reader.close();
    }
    open.close();
  }

  /** Tells what was written so far by processes that have all ended, but for those that nobody can find. */
  async settle(): Promise<void> {
    this.#silent.close();
    await waitFor(Promise.all(this.#reading), STDERR_DRAIN_MS);
    this.close();
  }

  /** Lets go of what no process has closed. */
  close(): void {
    this.#silent.close();
    for (const reader of this.#readers) reader.close();
  }
}

/** A reader that shows everything to somebody else first. */
function withCopy(reader: ByteReader, keep: (bytes: Uint8Array) => void): ByteReader {
  return {
    ...reader,
    async read() {
      const bytes = await reader.read();
      if (bytes !== undefined) keep(bytes);
      return bytes;
    },
  };
}
