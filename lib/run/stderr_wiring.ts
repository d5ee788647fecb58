/**
 * The standard errors that are no streams of the flow: read by the engine, a line at a time.
 */
import type { ByteReader } from "../host/byte_reader.ts";
import { readPipe } from "../host/byte_reader.ts";
import { closeFd, makePipe } from "../host/descriptors.ts";
import { QuietPipes } from "../host/quiet_pipes.ts";
import { readLines } from "../process/line_reader.ts";
import type { ActorRun } from "./actor_run.ts";
import type { RunCapture } from "./run_capture.ts";
import { isTapped } from "./run_record.ts";
import type { Wires } from "./wires.ts";

export class StderrWiring {
  readonly #silent = new QuietPipes();
  readonly #capture: RunCapture | undefined;
  readonly #onLine: (run: ActorRun, line: string) => void;

  constructor(
    { capture, onStderrLine }: {
      readonly capture: RunCapture | undefined;
      readonly onStderrLine: (run: ActorRun, line: string) => void;
    },
  ) {
    this.#capture = capture;
    this.#onLine = onStderrLine;
  }

  /** Makes the pipe. */
  wire(run: ActorRun, wires: Wires): void {
    const { readFd, writeFd } = makePipe("usual");
    wires.fds.set(2, writeFd);
    wires.started.push(() => {
      closeFd(writeFd);
      run.lookAtStderr = () => this.#silent.look(readFd);
      run.stderrEnded = this.#read(run, readFd);
    });
    wires.notStarted.push(() => {
      closeFd(readFd);
      closeFd(writeFd);
    });
  }

  async #read(run: ActorRun, fd: number): Promise<void> {
    const keep = isTapped(run.actor) ? this.#capture?.openStderr(run.actor.name) : undefined;
    if (await this.#silent.wait(fd) === "ready") {
      const reader = readPipe(fd);
      await readLines(
        keep === undefined ? reader : withCopy(reader, keep),
        (line) => this.#onLine(run, line),
      );
    }
    keep?.(undefined);
  }

  /** Lets go of what no process has closed. */
  close(): void {
    this.#silent.close();
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
