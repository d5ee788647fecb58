/**
 * The copies of a pool that have not ended, or whose output has not been given on whole, in the order of their
 * beginnings.
 */
import type { PoolHost } from "./pool_host.ts";
import type { CopyOut } from "../state/worker_copy.ts";
import { WorkerCopy } from "../state/worker_copy.ts";

type CopiesHost = Pick<PoolHost, "io" | "store" | "watch" | "own" | "close">;

/** The engine's ends of what a copy has. */
export interface OpenedCopy {
  /** Undefined for a member, whose processes are not given its record. */
  readonly inFd: number | undefined;
  /** In the order of the pool's streams; those that are files are told when they are whole. */
  readonly outFds: readonly (number | "later" | undefined)[];
  /** They are files that are whole. */
  readonly areFiles?: boolean;
}

export class WorkerCopies {
  readonly #host: CopiesHost;
  /** How many streams each of them writes. */
  readonly #streams: number;
  readonly #isKept: boolean;
  readonly #copies = new Map<number, WorkerCopy>();
  readonly #byFd = new Map<number, WorkerCopy | CopyOut>();
  #planned = 0;

  constructor(
    { host, streams, isRetried }: {
      readonly host: CopiesHost;
      readonly streams: number;
      /** A failed copy may be run again. */
      readonly isRetried: boolean;
    },
  ) {
    this.#host = host;
    this.#streams = streams;
    this.#isKept = isRetried;
  }

  [Symbol.iterator](): IterableIterator<WorkerCopy> {
    return this.#copies.values();
  }

  get(index: number): WorkerCopy | undefined {
    return this.#copies.get(index);
  }

  /** Those that have not ended, or whose output is not given on. */
  get size(): number {
    return this.#copies.size;
  }

  /** How many there have been so far. */
  get planned(): number {
    return this.#planned;
  }

  /** Processes that are there or wanted. */
  get active(): number {
    let count = 0;
    for (const { phase } of this.#copies.values()) if (phase === "wanted" || phase === "running") count += 1;
    return count;
  }

  /** Processes that are there. */
  get running(): number {
    let count = 0;
    for (const { phase } of this.#copies.values()) if (phase === "running") count += 1;
    return count;
  }

  /** The next one, whose process is still to be asked for. */
  plan(): WorkerCopy {
    const { io, store } = this.#host;
    const copy = new WorkerCopy(this.#planned, {
      io,
      store,
      streams: this.#streams,
      isKept: this.#isKept,
      close: (fd) => {
        this.#byFd.delete(fd);
        this.#host.close(fd);
      },
    });
    this.#planned += 1;
    this.#copies.set(copy.index, copy);
    copy.phase = "wanted";
    return copy;
  }

  /** The process of a copy is there; it owns the descriptors from now on. False when nobody wants it. */
  open(
    index: number,
    { inFd, outFds, areFiles = false, now }: OpenedCopy & { readonly now: number },
  ): boolean {
    const copy = this.#copies.get(index);
    // Processes of a member may be there one after the other.
    if (copy === undefined || copy.phase === "ended" || (copy.phase === "running" && inFd !== undefined)) {
      for (const fd of [inFd, ...outFds]) if (typeof fd === "number") this.#host.io.close(fd);
      return false;
    }
    if (copy.phase === "wanted") copy.startedAt = now;
    copy.phase = "running";
    copy.inFd = inFd;
    copy.isWritable = true;
    if (inFd !== undefined) this.#own(inFd, copy, { isFile: false });
    for (const [at, out] of copy.outs.entries()) {
      const fd = outFds[at];
      if (fd === undefined) continue;
      out.isDue = fd === "later";
      if (fd === "later") continue;
      out.fd = fd;
      out.isReadable = true;
      this.#own(fd, out, { isFile: areFiles });
    }
    return true;
  }

  #own(fd: number, owner: WorkerCopy | CopyOut, { isFile }: { readonly isFile: boolean }): void {
    this.#byFd.set(fd, owner);
    if (isFile) this.#host.own(fd);
    else this.#host.watch(fd);
  }

  /** Something may be ready; false when that is of no use to anybody. */
  note(fd: number, isBroken: boolean): boolean {
    const owner = this.#byFd.get(fd);
    if (owner === undefined) return false;
    if (owner instanceof WorkerCopy) {
      if (owner.inFd !== fd) return false;
      owner.isWritable = true;
      if (isBroken) owner.closeInput();
    } else if (owner.fd === fd) owner.isReadable = true;
    return true;
  }

  /** Nothing of it is needed any more. */
  remove({ index }: WorkerCopy): void {
    this.#copies.delete(index);
  }

  /** Lets go of everything. */
  close(): void {
    for (const copy of this.#copies.values()) copy.drop();
    this.#copies.clear();
  }
}
