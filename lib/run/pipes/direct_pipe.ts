/**
 * A kernel pipe from process to process. No byte passes through the engine, but it holds on to the ends:
 *
 * - The write end until the writer has ended. So the reader cannot see the end before the engine has asked whether
 *   the reader had left, which is what tells "nobody read it any more" from a failure.
 * - The read end, only when the writer has other streams that are read: then a reader that leaves must not break the
 *   writer, and the engine drains the pipe instead.
 */
import type { ByteReader } from "../../host/bytes/byte_reader.ts";
import { readPipe } from "../../host/bytes/byte_reader.ts";
import { closeFd, hasLostReaders, makePipe } from "../../host/descriptors/descriptors.ts";
import { isLinux } from "../../host/runtime.ts";
import { isLiving, readDescriptor } from "../../process/proc/process_table.ts";
import type { StreamEnd } from "./output_gate.ts";

export class DirectPipe implements StreamEnd {
  isLive = true;
  #readFd: number | undefined;
  #writeFd: number | undefined;
  #drain: ByteReader | undefined;
  #isReleased = false;
  readonly #isReadKept: boolean;
  readonly #identity: string | undefined;

  constructor(options: { readonly isReadKept: boolean }) {
    const pipe = makePipe();
    this.#readFd = pipe.readFd;
    this.#writeFd = pipe.writeFd;
    this.#isReadKept = options.isReadKept;
    this.#identity = readDescriptor("self", pipe.writeFd);
  }

  /** The end to give to the reading process. */
  get readFd(): number {
    return required(this.#readFd);
  }

  /** The end to give to the writing process. */
  get writeFd(): number {
    return required(this.#writeFd);
  }

  readerStarted(): void {
    if (!this.#isReadKept) this.#closeRead();
  }

  writerStarted(): void {
    if (!isLinux) this.#closeWrite();
  }

  writerEnded(): void {
    this.#closeWrite();
  }

  /** Lets the reader see the end when the process `pid` has closed its stream on `fd` and lives on. */
  releaseIfClosed(pid: number, fd: number): void {
    if (this.#writeFd === undefined || readDescriptor(pid, fd) === this.#identity) return;
    // One that has ended has no descriptors either: whether its reader had left is asked when its end is told.
    if (!isLiving(pid)) return;
    this.#isReleased = true;
    this.#closeWrite();
  }

  isClosedByWriter(): boolean {
    return this.#isReleased;
  }

  hasLostReaders(): boolean {
    return this.#writeFd !== undefined && hasLostReaders(this.#writeFd);
  }

  countBytes(): undefined {
    return undefined;
  }

  close(): void {
    this.#drain?.close();
    this.#closeRead();
  }

  drain(): void {
    if (this.#readFd === undefined) return;
    const reader = readPipe(this.#readFd);
    this.#readFd = undefined;
    this.#drain = reader;
    void readToEnd(reader);
  }

  /** Closes whatever is still open, when one of its processes will never start. */
  abandon(): void {
    this.close();
    this.#closeWrite();
  }

  #closeRead(): void {
    if (this.#readFd !== undefined) closeFd(this.#readFd);
    this.#readFd = undefined;
  }

  #closeWrite(): void {
    if (this.#writeFd !== undefined) closeFd(this.#writeFd);
    this.#writeFd = undefined;
  }
}

/** Reads and forgets. A pipe that breaks meanwhile is at its end. */
async function readToEnd(reader: ByteReader): Promise<void> {
  while (await reader.read() !== undefined) {
    // Forgotten on purpose: its reader has left.
  }
  reader.close();
}

function required(fd: number | undefined): number {
  if (fd === undefined) throw new Error("The end of a pipe was used after it was closed");
  return fd;
}
