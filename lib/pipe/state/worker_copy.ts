/**
 * One process of an actor with workers, as the relays see it: what it is given, and what it has written.
 *
 *   planned ──wanted──▶ wanted ──opened──▶ running ──exited──▶ ended
 *                          ▲                  │ failed, another try
 *                          └──────────────────┘
 */
import type { DescriptorIo } from "../../host/descriptor_io/descriptor_io.ts";
import { AT_END, GONE, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import { BLOCK_BYTES, TURN_BYTES } from "../../core/limits/streams.ts";
import type { BlockStore } from "../../data/block_store.ts";
import { moveReady } from "./move_ready.ts";
import { StreamLog } from "./stream_log.ts";

/** What it writes to one of its streams. */
export interface CopyOut {
  readonly copy: WorkerCopy;
  /** Undefined before it is opened and after its end. */
  fd: number | undefined;
  isReadable: boolean;
  /** It is opened later, when it is a file that is whole. */
  isDue: boolean;
  readonly log: StreamLog;
  /** How much of the log has been given on. */
  position: number;
  /** Up to where the log was looked through and only the beginning of a line is left. */
  begunTo: number;
  /** What it writes now comes after the header, or it writes none (see `HeaderGate`). */
  isPastHeader: boolean;
  /** So many of the first bytes are those of the header. */
  headerBytes: number;
}

export class WorkerCopy {
  phase: "planned" | "wanted" | "running" | "ended" = "planned";
  readonly index: number;
  readonly input: StreamLog;
  /** How much of its input it has been given, and whether it has got everything that it gets. */
  given = 0;
  isInputWhole = false;
  /** Some of its input waits elsewhere: the store has had no room for it. */
  hasRest = false;
  inFd: number | undefined;
  isWritable = false;
  readonly outs: readonly CopyOut[];
  startedAt = 0;
  /** It has ended well, and what it has written counts. */
  isWell = false;
  /** How many of its pool had ended before it. */
  endNumber: number | undefined;
  readonly #io: DescriptorIo;
  /** Its input is kept for another try. */
  readonly #isKept: boolean;
  readonly #close: (fd: number) => void;

  constructor(
    index: number,
    { io, store, streams, isKept, close }: {
      readonly io: DescriptorIo;
      readonly store: BlockStore;
      /** How many streams it writes. */
      readonly streams: number;
      readonly isKept: boolean;
      /** Closes a pipe that the copy has. */
      readonly close: (fd: number) => void;
    },
  ) {
    this.index = index;
    this.#io = io;
    this.#isKept = isKept;
    this.#close = close;
    this.input = new StreamLog(io, store);
    this.outs = Array.from({ length: streams }, (): CopyOut => ({
      copy: this,
      fd: undefined,
      isReadable: false,
      isDue: false,
      log: new StreamLog(io, store),
      position: 0,
      begunTo: 0,
      isPastHeader: false,
      headerBytes: 0,
    }));
  }

  /** Bytes that wait to be given to it. */
  get waiting(): number {
    return this.input.tail - this.given;
  }

  /** True when there is something for it to read, or its end. */
  get hasInput(): boolean {
    const { inFd } = this;
    return inFd === undefined || this.waiting > 0 || this.isInputWhole || this.#io.held(inFd) > 0;
  }

  /** True when what it has written to one of its streams has not been taken from it. */
  isFullAt(at: number): boolean {
    const fd = this.outs[at]?.fd;
    return fd !== undefined && this.#io.held(fd) > 0;
  }

  /** True when the store has no room for what it has written or is to read. */
  get lacksRoom(): boolean {
    return this.input.lacksRoom || this.outs.some(({ log }) => log.lacksRoom);
  }

  /** True when what it has written is not taken from it. */
  get isHeldUp(): boolean {
    return this.outs.some((_, at) => this.isFullAt(at));
  }

  /** Takes bytes for it; how many of them. */
  take(bytes: Uint8Array): number {
    const isBase = this.waiting < BLOCK_BYTES && !this.#isKept;
    return Math.max(0, this.input.appendBytes(bytes, { isBase }));
  }

  /** It was given bytes that were not held. */
  skip(bytes: number): void {
    this.input.skip(bytes);
    this.given = this.input.tail;
  }

  /** Gives it what there is; true when there is more to give at once. */
  feed(): boolean {
    for (let turn = 0; turn < TURN_BYTES;) {
      if (this.inFd === undefined || !this.isWritable) return false;
      if (this.waiting === 0) {
        if (this.isInputWhole && !this.hasRest) this.closeInput();
        return false;
      }
      const target = { to: this.inFd, isToFile: false };
      const moved = moveReady(this.#io, target, () => this.input.load(this.given, target));
      if (moved === GONE) {
        this.closeInput();
        return false;
      }
      if (moved === NOT_NOW) {
        this.isWritable = false;
        return false;
      }
      if (moved <= AT_END) continue; // There are bytes: it is tried again.
      this.given += moved;
      if (!this.#isKept) this.input.trim(this.given);
      turn += moved;
    }
    return true;
  }

  /** It reads no more, or gets no more. */
  closeInput(): void {
    if (this.inFd !== undefined) this.#close(this.inFd);
    this.inFd = undefined;
    if (this.#isKept) return;
    this.given = this.input.tail;
    this.input.clear();
  }

  closeOut(out: CopyOut): void {
    if (out.fd !== undefined) this.#close(out.fd);
    out.fd = undefined;
  }

  /** What it has written is not needed, and it cannot write any more. */
  discardOut(out: CopyOut): void {
    this.closeOut(out);
    out.log.clear();
    out.position = out.log.tail;
  }

  /** True when nothing is to come any more from one of its streams. */
  isOutSpent(at: number): boolean {
    const out = this.outs[at];
    if (this.phase === "wanted" || out?.isDue === true) return false;
    return out === undefined || (out.fd === undefined && out.position === out.log.tail);
  }

  /** True when nothing of it is needed any more. */
  get isSpent(): boolean {
    return this.phase === "ended" && this.outs.every((_, at) => this.isOutSpent(at));
  }

  /** Takes what it has written, up to so many bytes that are not given on yet; `baseBytes` of them need no limit. */
  collect(
    out: CopyOut,
    { boundBytes, baseBytes = 0 }: { readonly boundBytes: number; readonly baseBytes?: number },
  ): void {
    while (out.fd !== undefined && out.isReadable && out.log.tail - out.position < boundBytes) {
      const isBase = out.log.tail - out.position < baseBytes;
      const moved = out.log.append(out.fd, { max: BLOCK_BYTES, isBase });
      if (moved === AT_END) this.closeOut(out);
      else if (moved === NOT_NOW) {
        if (out.log.lacksRoom) return;
        out.isReadable = false;
      }
    }
  }

  /** It has ended, and reads nothing more. */
  end({ isWell, number }: { readonly isWell: boolean; readonly number?: number }): void {
    this.phase = "ended";
    this.endNumber = number;
    for (const out of this.outs) out.isDue = false;
    this.isWell = isWell;
    this.closeInput();
    this.input.clear();
    this.given = this.input.tail;
  }

  /** Makes it ready for another try, of one of its processes when it has several. */
  rewind(outs?: readonly number[]): void {
    this.closeInput();
    this.given = 0;
    for (const [at, out] of this.outs.entries()) {
      if (outs?.includes(at) === false) continue;
      this.closeOut(out);
      out.log.restart();
      out.position = 0;
      out.begunTo = 0;
      out.isPastHeader = false;
      out.headerBytes = 0;
    }
    this.phase = "wanted";
  }

  /** Lets go of everything. */
  drop(): void {
    this.closeInput();
    this.input.clear();
    for (const out of this.outs) {
      this.closeOut(out);
      out.log.clear();
    }
  }
}
