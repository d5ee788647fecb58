/**
 * Relays by the Linux kernel: `splice` and `epoll`, called through the C library. Pages travel by reference, which is
 * as fast as a kernel pipe between two processes, and the engine's memory stays small whatever passes.
 */
import process from "node:process";
import { PIPE_BYTES } from "../../core/limits/streams.ts";
import { Copying } from "./copying.ts";
import { Doubts, NONE } from "./doubts.ts";
import { nameErrno, systemError } from "../errno.ts";
import { libc } from "../descriptors/libc.ts";
import type { RelayLibc } from "../descriptors/libc.ts";
import type { DescriptorIo, Move, Moved, OpenMode, Readiness } from "./descriptor_io.ts";
import { GONE, NOT_NOW, OPEN_FLAGS, rightsOf } from "./descriptor_io.ts";

const SPLICE_F_MOVE = 1;
const SPLICE_F_NONBLOCK = 2;
const FIONREAD = 0x541b;
const O_CLOEXEC = 0o2000000;
const EPOLL_CLOEXEC = O_CLOEXEC;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;
const EPOLLOUT = 4;
const EPOLLERR = 8;
const EPOLLHUP = 16;
const EPOLLET = 1 << 31;
const POLLOUT = 4;
const MFD_CLOEXEC = 1;
const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;
/** `struct epoll_event` is packed on x86-64 only. */
const EVENT_BYTES = process.arch === "x64" ? 12 : 16;
const EVENT_DATA = process.arch === "x64" ? 4 : 8;
const EVENTS_AT_ONCE = 256;
/** What a splice fails with that says by itself which of its ends it was: there is nothing now, or no room, or no reader. */
const TELLING = new Set(["EAGAIN", "EWOULDBLOCK", "EPIPE", "ECONNRESET", "ENOSPC", "EDQUOT", "EFBIG"]);

export class KernelIo implements DescriptorIo {
  readonly sharesPages = true;
  readonly tellsHeld = true;
  readonly #calls: RelayLibc;
  readonly #errno: () => number;
  readonly #epoll: number;
  readonly #events = new DataView(new ArrayBuffer(EVENTS_AT_ONCE * EVENT_BYTES));
  readonly #event = new DataView(new ArrayBuffer(16));
  readonly #count = new Int32Array(1);
  readonly #offset = new BigInt64Array(1);
  readonly #asked = new Int32Array(2);
  /** For what cannot be spliced: a file opened for appending, some devices. */
  readonly #copying = new Copying(this);
  readonly #doubts: Doubts;

  constructor({ calls, errno }: { readonly calls: RelayLibc; readonly errno: () => number }) {
    this.#calls = calls;
    this.#errno = errno;
    this.#epoll = calls.epoll_create1(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw systemError(this.#codeOfError(), "epoll_create1");
    this.#doubts = new Doubts((asked, count, timeoutMs) => calls.poll(asked, count, timeoutMs));
  }

  move(move: Move): Moved {
    if (this.#copying.held(move.from) > 0) return this.#copying.move(move);
    const moved = this.#splice(move, { from: null, to: null });
    return typeof moved === "number" ? moved : this.#copying.move(move);
  }

  copy(move: Move): Moved {
    if (this.#copying.held(move.from) > 0) return this.#copying.copy(move);
    const { from, to, max } = move;
    if (max < 1) return NOT_NOW;
    const tee = (): number => this.#calls.tee(from, to, Math.min(max, PIPE_BYTES), SPLICE_F_NONBLOCK);
    return this.#doubted(this.#retry("tee", tee), { from, to });
  }

  store(move: Move & { readonly offset: number }): Moved {
    this.#offset[0] = BigInt(move.offset);
    const moved = this.#copying.held(move.from) > 0
      ? undefined
      : this.#splice(move, { from: null, to: this.#offset });
    if (typeof moved === "number") return moved;
    const write = (fd: number, bytes: Uint8Array): Moved =>
      this.#retry("pwrite", () => this.#calls.pwrite(fd, bytes, bytes.length, move.offset));
    return this.#copying.move(move, { read: (fd, buffer) => this.read(fd, buffer), write });
  }

  load(move: Move & { readonly offset: number }): Moved {
    this.#offset[0] = BigInt(move.offset);
    const moved = this.#splice(move, { from: this.#offset, to: null });
    if (typeof moved !== "number") throw systemError(moved.code, "splice");
    return moved;
  }

  /** An error of which only a read and a write of their own can say whose it is comes back as its code. */
  #splice(
    { from, to, max }: Move,
    offsets: { readonly from: BigInt64Array | null; readonly to: BigInt64Array | null },
  ): Moved | { readonly code: string } {
    // To be asked for nothing the system answers as at the end.
    if (max < 1) return NOT_NOW;
    for (;;) {
      const moved = this.#calls.splice(
        from,
        offsets.from,
        to,
        offsets.to,
        Math.min(max, PIPE_BYTES),
        SPLICE_F_MOVE | SPLICE_F_NONBLOCK,
      );
      if (moved >= 0) return moved;
      const code = this.#codeOfError();
      if (code === "EINTR") continue;
      if (!TELLING.has(code)) return { code };
      return this.#doubted(toMoved(code, "splice"), { from, to });
    }
  }

  #doubted(
    moved: Moved,
    { from = NONE, to = NONE }: { readonly from?: number; readonly to?: number },
  ): Moved {
    if (moved === NOT_NOW) this.#doubts.add(from, to);
    return moved;
  }

  read(fd: number, buffer: Uint8Array): Moved {
    const kept = this.#copying.take(fd, buffer);
    if (kept > 0) return kept;
    const read = (): number => this.#calls.read(fd, buffer, buffer.length);
    return this.#doubted(this.#retry("read", read), { from: fd });
  }

  readAt(fd: number, { buffer, offset }: { readonly buffer: Uint8Array; readonly offset: number }): Moved {
    return this.#retry("pread", () => this.#calls.pread(fd, buffer, buffer.length, offset));
  }

  write(fd: number, bytes: Uint8Array): Moved {
    const write = (): number => this.#calls.write(fd, bytes, bytes.length);
    return this.#doubted(this.#retry("write", write), { to: fd });
  }

  writeAt(fd: number, { bytes, offset }: { readonly bytes: Uint8Array; readonly offset: number }): Moved {
    return this.#retry("pwrite", () => this.#calls.pwrite(fd, bytes, bytes.length, offset));
  }

  #retry(name: string, call: () => number): Moved {
    for (;;) {
      const result = call();
      if (result >= 0) return result;
      const code = this.#codeOfError();
      if (code !== "EINTR") return toMoved(code, name);
    }
  }

  held(fd: number): number {
    this.#count[0] = 0;
    // What is no pipe cannot tell: nothing lies in it that would be waited for.
    const isTold = this.#calls.ioctl(fd, FIONREAD, this.#count) === 0;
    return (isTold ? this.#count[0] ?? 0 : 0) + this.#copying.held(fd);
  }

  hasRoom(fd: number): boolean {
    this.#asked[0] = fd;
    this.#asked[1] = POLLOUT;
    // A pipe with room that is taken for a full one would be waited for in vain.
    while (this.#calls.poll(this.#asked, 1, 0) < 0) {
      const code = this.#codeOfError();
      if (code !== "EINTR" && code !== "EAGAIN") throw systemError(code, "poll");
    }
    return ((this.#asked[1] ?? 0) >>> 16) !== 0;
  }

  watch(fd: number): void {
    // Edge-triggered: registered once, then told of each change.
    this.#event.setUint32(0, (EPOLLIN | EPOLLOUT | EPOLLET) >>> 0, true);
    this.#event.setUint32(EVENT_DATA, fd, true);
    const isWatched = this.#calls.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, fd, this.#event) === 0;
    if (!isWatched) throw systemError(this.#codeOfError(), "epoll_ctl");
  }

  expectWriter(): void {
    // The system tells of a writer; before that nobody asks.
  }

  forget(fd: number): void {
    this.#copying.forget(fd);
    // Files were never watched, and what is closed next is forgotten anyway: a failure changes nothing.
    this.#calls.epoll_ctl(this.#epoll, EPOLL_CTL_DEL, fd, this.#event);
  }

  wait(timeoutMs: number): readonly Readiness[] {
    const restMs = this.#doubts.restMs();
    const again = restMs === 0 ? this.#doubts.answer() : [];
    if (again.length > 0) return [...again, ...this.#told(0)];
    return this.#told(restMs === undefined || (timeoutMs >= 0 && timeoutMs <= restMs) ? timeoutMs : restMs);
  }

  /** What the system tells of. */
  #told(timeoutMs: number): readonly Readiness[] {
    const count = this.#calls.epoll_wait(this.#epoll, this.#events, EVENTS_AT_ONCE, timeoutMs);
    if (count < 0) {
      const code = this.#codeOfError();
      if (code !== "EINTR") throw systemError(code, "epoll_wait");
    }
    const ready: Readiness[] = [];
    for (let at = 0; at < count; at++) {
      const flags = this.#events.getUint32(at * EVENT_BYTES, true);
      const fd = this.#events.getUint32(at * EVENT_BYTES + EVENT_DATA, true);
      ready.push({ fd, isBroken: (flags & (EPOLLERR | EPOLLHUP)) !== 0 });
    }
    return ready;
  }

  punch(fd: number, { offset, length }: { readonly offset: number; readonly length: number }): boolean {
    return this.#calls.fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, length) === 0;
  }

  makeMemoryFile(): number | undefined {
    const fd = this.#calls.memfd_create(new TextEncoder().encode("sluice\0"), MFD_CLOEXEC);
    return fd < 0 ? undefined : fd;
  }

  open(path: string, mode: OpenMode): number {
    const fd =
      libc()?.open(new TextEncoder().encode(`${path}\0`), OPEN_FLAGS[mode] | O_CLOEXEC, rightsOf(mode)) ??
        -1;
    if (fd < 0) throw systemError(this.#codeOfError(), `open '${path}'`);
    return fd;
  }

  close(fd: number): void {
    libc()?.close(fd);
  }

  end(): void {
    this.close(this.#epoll);
  }

  #codeOfError(): string {
    return nameErrno(this.#errno());
  }
}

function toMoved(code: string, call: string): Moved {
  if (code === "EAGAIN" || code === "EWOULDBLOCK") return NOT_NOW;
  if (code === "EPIPE" || code === "ECONNRESET") return GONE;
  throw systemError(code, call);
}
