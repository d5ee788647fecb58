/**
 * Relays with a test at both sides: it writes into their streams and reads from their joins, over real pipes and
 * without ever waiting, so everything happens in one order. After each test the rig looks whether something is left.
 */
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect } from "vitest";
import type { Merge } from "../../lib/core/flow.ts";
import type { Pipe } from "../../lib/host/descriptors/descriptors.ts";
import { KernelIo } from "../../lib/host/descriptor_io/kernel_io.ts";
import { openRelayLibc } from "../../lib/host/descriptors/libc.ts";
import { PortableIo } from "../../lib/host/descriptor_io/portable_io.ts";
import type { DescriptorIo } from "../../lib/host/descriptor_io/descriptor_io.ts";
import { isLinux } from "../../lib/host/runtime.ts";
import { BlockStore } from "../../lib/data/block_store.ts";
import { makeBoard } from "../../lib/pipe/state/relay_board.ts";
import type { RelayBoard } from "../../lib/pipe/state/relay_board.ts";
import type { EdgeState, StreamState } from "../../lib/pipe/state/relay_states.ts";
import type { PoolTopology, UnitTopology } from "../../lib/pipe/state/relay_topology.ts";
import { Relays } from "../../lib/pipe/relays.ts";
import { readDescriptor } from "../../lib/process/proc/process_table.ts";
import type { EndOptions } from "./pipe_ends.ts";
import { codeOf, Feeder, makeTestPipe, Taker } from "./pipe_ends.ts";

const kernel = openRelayLibc();
if (isLinux && kernel === undefined) {
  throw new Error("Cannot test the kernel's relays: no C library (npm ci)");
}

/** Both ways to move bytes, one of each for all tests: numbers of descriptors come again, as in a run. */
export const IOS: readonly {
  readonly name: string;
  readonly io: DescriptorIo;
  readonly hasMemory: boolean;
}[] = [
  ...(kernel === undefined ? [] : [{ name: "kernel", io: new KernelIo(kernel), hasMemory: true }]),
  { name: "portable", io: new PortableIo(), hasMemory: false },
];

export interface RigOptions {
  readonly io: DescriptorIo;
  /** The edges of each stream. */
  readonly streams: readonly (readonly number[])[];
  readonly joins: readonly { readonly edges: readonly number[]; readonly merge?: Merge }[];
  /** Which streams are withheld, and which joins kept. */
  readonly withheld?: readonly number[];
  readonly kept?: readonly number[];
  readonly memoryBytes?: number;
  readonly spillBytes?: number;
  /** Actors with workers. */
  readonly pools?: readonly PoolTopology[];
  readonly units?: readonly UnitTopology[];
}

const rigs: RelayRig[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const rig of rigs.splice(0)) rig.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder of its own for a test, removed afterwards. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "test-of-relays-"));
  folders.push(folder);
  return folder;
}

export class RelayRig {
  /** What the relays have told, in order. */
  readonly events: string[] = [];
  readonly folder = makeFolder();
  readonly relays: Relays;
  readonly board: RelayBoard;
  readonly #io: DescriptorIo;
  readonly #nullFd: number;
  readonly #ends: (Feeder | Taker)[] = [];
  readonly #pipes = new Set<string>();
  /** The files of joins, which the relays do not close. */
  readonly #files: number[] = [];
  readonly #memoryFilesBefore = findOpen("/memfd:sluice").length;
  #now = 0;

  constructor(
    {
      io,
      streams,
      joins,
      pools = [],
      units = [],
      withheld = [],
      kept = [],
      memoryBytes = 0,
      spillBytes = 0,
    }: RigOptions,
  ) {
    this.#io = io;
    this.#nullFd = io.open("/dev/null", "write");
    const edgeCount = Math.max(...streams.flat()) + 1;
    this.board = makeBoard({ streams: streams.length, edges: edgeCount });
    this.relays = new Relays({
      streams: streams.map((edges, at) => ({
        edges,
        name: `s${at}`,
        writer: undefined,
        isWithheld: withheld.includes(at),
      })),
      joins: joins.map(({ edges, merge = "concat" }, at) => ({
        edges,
        merge,
        name: `j${at}`,
        reader: undefined,
        isKept: kept.includes(at),
      })),
      edgeCount,
      pools,
      units,
    }, {
      io,
      store: new BlockStore({ io, memoryBytes, spillBytes, folder: this.folder }),
      board: this.board,
      nullFd: this.#nullFd,
      hooks: {
        onBegun: (stream) => this.events.push(`s${stream} begun`),
        onStreamEnded: (stream, error) => this.events.push(`s${stream} ended${codeOf(error)}`),
        onLost: (stream) => this.events.push(`s${stream} lost`),
        onJoinEnded: (joined, end, error) => this.events.push(`j${joined} ${end}${codeOf(error)}`),
        onCopyWanted: (pool, copy) => this.events.push(`p${pool} wants ${copy}`),
        onPoolEnded: (pool) => this.events.push(`p${pool} ended`),
      },
    });
    rigs.push(this);
  }

  /** Opens a stream over a pipe. */
  feed(stream: number, options: EndOptions = {}): Feeder {
    const { readFd, writeFd } = this.#makePipe(options);
    this.relays.openStream(stream, { kind: "pipe", fd: readFd });
    const feeder = new Feeder(writeFd);
    this.#ends.push(feeder);
    return feeder;
  }

  /** The same with a tap; `tapBytes` is the size of its pipe. */
  feedTapped(
    stream: number,
    { tapBytes, ...options }: EndOptions & { readonly tapBytes?: number } = {},
  ): { readonly feeder: Feeder; readonly tap: Taker } {
    const { readFd, writeFd } = this.#makePipe(options);
    const tapped = this.#makePipe(tapBytes === undefined ? {} : { pipeBytes: tapBytes });
    this.relays.openStream(stream, { kind: "pipe", fd: readFd, tap: tapped.writeFd });
    const [feeder, tap] = [new Feeder(writeFd), new Taker(tapped.readFd)];
    this.#ends.push(feeder, tap);
    return { feeder, tap };
  }

  /** Opens a join over a pipe. */
  take(joined: number, options: EndOptions = {}): Taker {
    const { readFd, writeFd } = this.#makePipe(options);
    this.relays.openJoin(joined, { fd: writeFd, isFile: false });
    const taker = new Taker(readFd);
    this.#ends.push(taker);
    return taker;
  }

  /** Opens a stream over a file with this content. */
  feedFile(stream: number, content: Uint8Array): void {
    const path = join(makeFolder(), "source");
    writeFileSync(path, content);
    this.relays.openStream(stream, { kind: "file", fd: this.#io.open(path, "read") });
  }

  feedBytes(stream: number, bytes: Uint8Array): void {
    this.relays.openStream(stream, { kind: "bytes", bytes });
  }

  /** Opens a join over a file; gives its path. */
  takeFile(joined: number, flags: "w" | "a" = "w"): string {
    const path = join(makeFolder(), "target");
    const fd = openSync(path, flags);
    this.#files.push(fd);
    this.relays.openJoin(joined, { fd, isFile: true });
    return path;
  }

  /** Opens a worker with one output; the test reads its input and writes its output. */
  work(pool: number, copy: number): { readonly taker: Taker; readonly feeder: Feeder } {
    const [input, output] = [this.#makePipe({}), this.#makePipe({})];
    this.relays.pools[pool]?.open(copy, { inFd: input.writeFd, outFds: [output.readFd], now: this.#now });
    const [taker, feeder] = [new Taker(input.readFd), new Feeder(output.writeFd)];
    this.#ends.push(taker, feeder);
    return { taker, feeder };
  }

  #makePipe(options: EndOptions): Pipe {
    const pipe = makeTestPipe(options);
    const name = readDescriptor("self", pipe.readFd);
    if (name !== undefined) this.#pipes.add(name);
    return pipe;
  }

  edge(id: number): EdgeState {
    const edge = this.relays.edges.find((other) => other.id === id);
    if (edge === undefined) throw new Error(`no edge ${id}`);
    return edge;
  }

  stream(id: number): StreamState {
    const stream = this.relays.streams[id];
    if (stream === undefined) throw new Error(`no stream ${id}`);
    return stream;
  }

  /** Lets the relays move whatever can be moved. */
  settle(): void {
    for (let quiet = 0, rounds = 0; quiet < 3; rounds++) {
      const before = this.#progress();
      do this.relays.turn(++this.#now); while (!this.relays.isIdle);
      if (rounds > 100_000) throw new Error("the relays do not come to rest");
      quiet = before === this.#progress() ? quiet + 1 : 0;
      // Portable relays are told of everything each time: what did not move then, cannot.
      for (const { fd, isBroken } of this.#io.wait(0)) this.relays.note(fd, isBroken);
    }
    while (!this.relays.isIdle) this.relays.turn(++this.#now);
  }

  #progress(): string {
    return [...this.board.taken, ...this.board.given, this.events.length].join(" ");
  }

  /** Writes until nothing moves any more; how many bytes that were. */
  fill(feeder: Feeder, bytes: Uint8Array): number {
    let done = 0;
    for (;;) {
      const count = feeder.write(bytes.subarray(done));
      this.settle();
      if (count === undefined || count === 0 || done + count === bytes.length) return done + (count ?? 0);
      done += count;
    }
  }

  /** Writes everything and ends the streams, while each reader takes `step` bytes at a time, until all have ended. */
  carry(
    inputs: readonly (readonly [Feeder, Uint8Array])[],
    readers: readonly { readonly taker: Taker; readonly step?: number }[],
  ): void {
    const rests = new Map(inputs);
    for (;;) {
      let moved = 0;
      for (const [feeder, bytes] of rests) {
        const count = feeder.write(bytes);
        rests.set(feeder, count === undefined ? new Uint8Array() : bytes.subarray(count));
        moved += count ?? 0;
        if (count !== undefined && count < bytes.length) continue;
        rests.delete(feeder);
        feeder.close();
        moved += 1;
      }
      this.settle();
      for (const { taker, step } of readers) moved += taker.read(step);
      this.settle();
      if (rests.size === 0 && readers.every(({ taker }) => taker.isAtEnd)) return;
      if (moved === 0) throw new Error(`nothing moves: ${JSON.stringify(this.#progress())}`);
    }
  }

  /** Lets go of everything; fails when a descriptor or a file is left. */
  close(): void {
    for (const end of this.#ends) end.close();
    this.relays.close();
    this.#io.close(this.#nullFd);
    for (const fd of this.#files) closeSync(fd);
    const left = [...this.#pipes].flatMap(findOpen);
    expect([...left, ...findOpen(this.folder)], "descriptors left open").toEqual([]);
    expect(findOpen("/memfd:sluice").length, "memory files left open").toBe(this.#memoryFilesBefore);
    expect(readdirSync(this.folder), "files left").toEqual([]);
  }
}

/** Descriptors of this process that stand for something with this text in its name. */
export function findOpen(text: string): readonly string[] {
  if (!isLinux) return [];
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    const name = readDescriptor("self", Number(fd)) ?? "";
    return name.includes(text) ? [`${fd}: ${name}`] : [];
  });
}
