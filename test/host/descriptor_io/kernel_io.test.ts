/** A move that the system refuses without a reason is tried again; one that it refuses rightly is asked about once. */
import { constants } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { closeFd } from "../../../lib/host/descriptors/descriptors.ts";
import { KernelIo } from "../../../lib/host/descriptor_io/kernel_io.ts";
import type { RelayLibc } from "../../../lib/host/descriptors/libc.ts";
import { openRelayLibc } from "../../../lib/host/descriptors/libc.ts";
import { NOT_NOW } from "../../../lib/host/descriptor_io/descriptor_io.ts";
import { makeTestPipe } from "../../pipe/pipe_ends.ts";

const opened = await openRelayLibc();
/** Longer than any of these waits takes: one that is not woken ends here, and is seen. */
const LONG_MS = 10_000;
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** The kernel's own calls, of which the next one of a name can be refused. */
class RefusingKernel {
  readonly io: KernelIo;
  readonly waits: unknown[] = [];
  polls = 0;
  readonly #refused = new Map<string, string>();
  #errno = 0;

  constructor(kernel: { readonly calls: RelayLibc; readonly errno: () => number }) {
    const errno = (): number => {
      const number = this.#errno === 0 ? kernel.errno() : this.#errno;
      this.#errno = 0;
      return number;
    };
    const calls = Object.fromEntries(
      Object.entries(kernel.calls).map(([name, call]) => [name, (...words: unknown[]): number => {
        if (name === "epoll_wait") this.waits.push(words[3]);
        if (name === "poll") this.polls += 1;
        const code = this.#refused.get(name);
        if (code === undefined) return call(...words);
        this.#refused.delete(name);
        this.#errno = constants.errno[code as keyof typeof constants.errno];
        return -1;
      }]),
    );
    // Every name has its call again.
    this.io = new KernelIo({ calls: calls as RelayLibc, errno });
    closers.push(() => this.io.end());
  }

  refuse(call: keyof RelayLibc, code: string): void {
    this.#refused.set(call, code);
  }

  /** A watched pipe, of which the system has told already. */
  pipe(content = ""): { readonly readFd: number; readonly writeFd: number } {
    const pipe = makeTestPipe();
    closers.push(() => closeFd(pipe.readFd), () => closeFd(pipe.writeFd));
    if (content !== "") this.io.write(pipe.writeFd, new TextEncoder().encode(content));
    this.io.watch(pipe.readFd);
    this.io.watch(pipe.writeFd);
    this.io.wait(0);
    return pipe;
  }
}

const fds = (ready: readonly { readonly fd: number }[]): readonly number[] => ready.map(({ fd }) => fd);

/** Waits until something is told, or has been asked, or the time is over, as the loop of a thread does. */
function waitLong(io: KernelIo, isAsked = (): boolean => false): readonly number[] {
  const deadline = performance.now() + LONG_MS;
  for (let left = LONG_MS; left > 0; left = deadline - performance.now()) {
    const ready = io.wait(Math.ceil(left));
    if (ready.length > 0 || isAsked()) return fds(ready);
  }
  return [];
}

describe.skipIf(opened === undefined)("a move that was refused", () => {
  if (opened === undefined) return;
  const kernel = opened;

  for (const call of ["splice", "tee"] as const) {
    test(`without a reason is told to be ready (${call})`, () => {
      const refusing = new RefusingKernel(kernel);
      const [source, target] = [refusing.pipe("word"), refusing.pipe()];
      const move = { from: source.readFd, to: target.writeFd, max: 100 };
      refusing.refuse(call, "EAGAIN");
      expect(call === "tee" ? refusing.io.copy(move) : refusing.io.move(move)).toBe(NOT_NOW);
      expect(waitLong(refusing.io)).toEqual([source.readFd, target.writeFd]);
      expect(refusing.io.move(move)).toBe(4);
    });
  }

  test("without a reason is told to be ready (read, write)", () => {
    const refusing = new RefusingKernel(kernel);
    const pipe = refusing.pipe("word");
    refusing.refuse("read", "EAGAIN");
    expect(refusing.io.read(pipe.readFd, new Uint8Array(10))).toBe(NOT_NOW);
    expect(waitLong(refusing.io)).toEqual([pipe.readFd]);
    refusing.refuse("write", "EAGAIN");
    expect(refusing.io.write(pipe.writeFd, new Uint8Array(10))).toBe(NOT_NOW);
    expect(waitLong(refusing.io)).toEqual([pipe.writeFd]);
  });

  test("is asked about again when the system does not answer", () => {
    const refusing = new RefusingKernel(kernel);
    const pipe = refusing.pipe("word");
    refusing.refuse("read", "EAGAIN");
    refusing.refuse("poll", "ENOMEM");
    expect(refusing.io.read(pipe.readFd, new Uint8Array(10))).toBe(NOT_NOW);
    expect(waitLong(refusing.io)).toEqual([pipe.readFd]);
    expect(refusing.polls).toBe(2);
  });

  test("rightly is asked about once, and costs nothing more", () => {
    const refusing = new RefusingKernel(kernel);
    const [source, target] = [refusing.pipe(), refusing.pipe()];
    expect(refusing.io.move({ from: source.readFd, to: target.writeFd, max: 100 })).toBe(NOT_NOW);
    expect(waitLong(refusing.io, () => refusing.polls > 0)).toEqual([]);
    refusing.io.write(source.writeFd, new Uint8Array(1));
    refusing.waits.length = 0;
    expect(fds(refusing.io.wait(-1))).toContain(source.readFd);
    expect(refusing.waits).toEqual([-1]);
    expect(refusing.polls).toBe(1);
  });

  test("is never asked about when there was none", () => {
    const refusing = new RefusingKernel(kernel);
    const [source, target] = [refusing.pipe("word"), refusing.pipe()];
    expect(refusing.io.move({ from: source.readFd, to: target.writeFd, max: 100 })).toBe(4);
    refusing.waits.length = 0;
    expect(fds(refusing.io.wait(-1))).toContain(target.readFd);
    expect(refusing.waits).toEqual([-1]);
    expect(refusing.polls).toBe(0);
  });
});
