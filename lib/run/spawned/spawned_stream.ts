/**
 * What a spawned process writes to its standard output, for those that read it:
 *
 *   kept       pipe ─▶ log ─┬─▶ reader        it is read at once, and everybody gets it from the beginning
 *                           └─▶ reader
 *   otherwise  pipe ─▶ reader                 it is read by one, and waits for that
 */
import type { ByteReader } from "../../host/bytes/byte_reader.ts";
import { readPipe } from "../../host/bytes/byte_reader.ts";
import { closeFd } from "../../host/descriptors/descriptors.ts";
import type { GrowingLog } from "../logs/growing_log.ts";

export interface SpawnedStreamOptions {
  /** The read end of its pipe. */
  readonly fd: number;
  /** Where all of it is kept, be it for a capture. */
  readonly log: GrowingLog | undefined;
  /** Any number may read it. */
  readonly isKept: boolean;
  /** It cannot be kept. */
  readonly onError: (error: unknown) => void;
}

export class SpawnedStream {
  readonly #options: SpawnedStreamOptions;
  #isTaken = false;
  #source: ByteReader | undefined;
  /** Whoever read it has left before its end. */
  isAbandoned = false;

  constructor(options: SpawnedStreamOptions) {
    this.#options = options;
    if (options.isKept) this.#begin();
  }

  get isKept(): boolean {
    return this.#options.isKept;
  }

  /** False when another one reads it, and it is not kept. */
  get isFree(): boolean {
    return this.#options.isKept || !this.#isTaken;
  }

  /** For one more reader, from the beginning. */
  open(): ByteReader {
    const { log, isKept } = this.#options;
    this.#isTaken = true;
    const source = this.#begin();
    const reader = log?.open() ?? source;
    if (isKept) return reader;
    let isEnded = false;
    return {
      ...reader,
      read: async () => {
        const chunk = await reader.read();
        isEnded ||= chunk === undefined;
        return chunk;
      },
      close: () => {
        this.isAbandoned ||= !isEnded;
        reader.close();
        source.close();
      },
    };
  }

  /** Its process has ended: what nobody has read is kept for a capture. */
  end(): void {
    if (this.#options.log !== undefined) this.#begin();
  }

  /** Nobody reads it any more. */
  close(): void {
    const { fd, log } = this.#options;
    if (this.#source !== undefined) return this.#source.close();
    closeFd(fd);
    this.#source = NOTHING;
    if (log !== undefined) log.isEnded = true;
  }

  #begin(): ByteReader {
    const { fd, log, onError } = this.#options;
    if (this.#source !== undefined) return this.#source;
    this.#source = readPipe(fd);
    log?.fill(this.#source).catch(onError);
    return this.#source;
  }
}

const NOTHING: ByteReader = {
  read: () => Promise.resolve(undefined),
  close: () => undefined,
};
