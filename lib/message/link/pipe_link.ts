/**
 * Links over pipes: the standard input and output of a process, and streams of records.
 */
import type { DescriptorIo, Moved, Readiness } from "../../host/descriptor_io/descriptor_io.ts";
import { GONE, NOT_NOW } from "../../host/descriptor_io/descriptor_io.ts";
import type { Link, LinkIn, LinkOut } from "./link.ts";

/** The engine's ends of the pipes of a process: of its standard input, and of its standard output. */
export interface ProcessPipes {
  readonly inFd: number;
  readonly outFd: number;
}

type Listener = (readiness: Readiness) => void;

/** What the ends of pipes share: the system, and who is told that one of them is ready. */
interface Shared {
  readonly io: DescriptorIo;
  readonly listeners: Map<number, Listener>;
}

/** Makes links of pipes, and says to each when its pipe may be ready. */
export class PipeLinks {
  readonly #shared: Shared;

  constructor(io: DescriptorIo) {
    this.#shared = { io, listeners: new Map() };
  }

  open({ inFd, outFd }: ProcessPipes): Link {
    return { from: this.openIn(outFd), to: this.openOut(inFd) };
  }

  openIn(fd: number): LinkIn {
    return new PipeIn(fd, this.#shared);
  }

  openOut(fd: number): LinkOut {
    return new PipeOut(fd, this.#shared);
  }

  /** A pipe may have become ready. */
  note(readiness: Readiness): void {
    this.#shared.listeners.get(readiness.fd)?.(readiness);
  }
}

class PipeIn implements LinkIn {
  readonly #fd: number;
  readonly #shared: Shared;
  #state: "unwatched" | "watched" | "closed" = "unwatched";

  constructor(fd: number, shared: Shared) {
    this.#fd = fd;
    this.#shared = shared;
  }

  get held(): number {
    return this.#shared.io.held(this.#fd);
  }

  listen(onReady: (isBroken: boolean) => void): void {
    const { io, listeners } = this.#shared;
    listeners.set(this.#fd, ({ isBroken }) => onReady(isBroken));
    io.watch(this.#fd);
    this.#state = "watched";
  }

  read(into: Uint8Array): Moved {
    return this.#shared.io.read(this.#fd, into);
  }

  close(): void {
    if (this.#state === "closed") return;
    const { io, listeners } = this.#shared;
    if (this.#state === "watched") io.forget(this.#fd);
    this.#state = "closed";
    listeners.delete(this.#fd);
    io.close(this.#fd);
  }
}

class PipeOut implements LinkOut {
  readonly fd: number;
  readonly #shared: Shared;
  /** It is watched while it is full only. */
  #state: "ready" | "full" | "closed" = "ready";

  constructor(fd: number, shared: Shared) {
    this.fd = fd;
    this.#shared = shared;
  }

  get held(): number {
    return this.#shared.io.held(this.fd);
  }

  get tellsHeld(): boolean {
    return this.#shared.io.tellsHeld;
  }

  listen(onReady: () => void): void {
    this.#shared.listeners.set(this.fd, onReady);
  }

  write(bytes: Uint8Array): Moved {
    const { io } = this.#shared;
    const count = io.write(this.fd, bytes);
    if (count === NOT_NOW) this.#await();
    else if (count === GONE || count === bytes.length) this.#rest();
    return count;
  }

  #await(): void {
    if (this.#state !== "ready") return;
    this.#shared.io.watch(this.fd);
    this.#state = "full";
  }

  #rest(): void {
    if (this.#state !== "full") return;
    this.#shared.io.forget(this.fd);
    this.#state = "ready";
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#rest();
    this.#state = "closed";
    this.#shared.listeners.delete(this.fd);
    this.#shared.io.close(this.fd);
  }
}
