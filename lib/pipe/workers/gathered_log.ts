/**
 * Putting what copies have written into the log of the stream that is gathered, or away when nobody reads it.
 */
import { BLOCK_BYTES } from "../../core/limits/streams.ts";
import { AT_END } from "../../host/descriptor_io/descriptor_io.ts";
import type { PoolHost } from "./pool_host.ts";
import type { StreamState } from "../state/relay_states.ts";
import { baseOf, floorOf, isLost } from "../state/relay_states.ts";
import type { CopyOut } from "../state/worker_copy.ts";
import type { WorkerCopies } from "./worker_copies.ts";

/** What every way of gathering a stream has to do with. */
export interface Gathered<Copies = WorkerCopies> {
  /** Which of a copy's outputs it is. */
  readonly at: number;
  readonly copies: Copies;
  /** Only what copies have written that have ended well is given on. */
  readonly isRetried: boolean;
  readonly log: GatheredLog;
}

type LogHost = Pick<PoolHost, "io" | "nullFd" | "noteTaken">;

export class GatheredLog {
  readonly #stream: StreamState;
  readonly #host: LogHost;
  /** For what is read into memory; of BLOCK_BYTES, and free between two calls. */
  readonly #buffer: Uint8Array;

  constructor(
    stream: StreamState,
    { host, buffer }: { readonly host: LogHost; readonly buffer: Uint8Array },
  ) {
    this.#stream = stream;
    this.#host = host;
    this.#buffer = buffer;
  }

  /** True when all readers of the stream have left. */
  get isLost(): boolean {
    return isLost(this.#stream);
  }

  /** Gives on some of what one copy has written, first what has waited; how many bytes, or 1 for its end. */
  give(out: CopyOut, room: number): number {
    if (out.position < out.log.tail) return this.#giveHeld(out, room);
    if (out.fd === undefined || !out.isReadable) return 0;
    const { log } = this.#stream;
    const isForgotten = this.isLost;
    const moved = isForgotten
      ? this.#host.io.move({ from: out.fd, to: this.#host.nullFd, max: BLOCK_BYTES })
      : log.append(out.fd, { max: room, isBase: this.#isWithinBase });
    if (moved === AT_END) {
      out.copy.closeOut(out);
      return 1;
    }
    if (moved < 0) {
      if (isForgotten || !log.lacksRoom) out.isReadable = false;
      return 0;
    }
    if (!isForgotten) this.#host.noteTaken(this.#stream, moved);
    return moved;
  }

  #giveHeld(out: CopyOut, room: number): number {
    if (this.isLost) {
      out.position = out.log.tail;
      out.log.trim(out.position);
      return 1;
    }
    const count = out.log.read(out.position, this.#buffer.subarray(0, Math.min(room, BLOCK_BYTES)));
    const moved = this.append(this.#buffer.subarray(0, Math.max(0, count)));
    out.position += moved;
    out.log.trim(out.position);
    return moved;
  }

  /** Appends bytes from memory; how many there was room for. */
  append(bytes: Uint8Array): number {
    let done = 0;
    while (done < bytes.length) {
      const isBase = this.#isWithinBase;
      const moved = this.#stream.log.appendBytes(bytes.subarray(done), { isBase });
      if (moved <= 0) break;
      done += moved;
      this.#host.noteTaken(this.#stream, moved);
    }
    return done;
  }

  /** True while what the stream takes is within what it may always hold. */
  get #isWithinBase(): boolean {
    return this.#stream.taken - Math.min(...this.#stream.edges.map(floorOf)) < baseOf(this.#stream);
  }
}
