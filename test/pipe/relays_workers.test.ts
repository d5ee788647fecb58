/**
 * Workers between relays: what they are given and what is put together from what they write, beyond every buffer on the
 * way.
 */
import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { WORKER_BYTES } from "../../lib/core/limits/workers.ts";
import type { DescriptorIo } from "../../lib/host/descriptor_io/descriptor_io.ts";
import type { PoolTopology } from "../../lib/pipe/state/relay_topology.ts";
import type { Feeder, Taker } from "./pipe_ends.ts";
import type { RigOptions } from "./relay_rig.ts";
import { IOS, RelayRig } from "./relay_rig.ts";

const MIB = 1024 * 1024;
const LANES: PoolTopology = {
  actor: "a",
  join: 0,
  streams: [1],
  count: 2,
  spread: { kind: "lanes", key: { kind: "column", column: 1 } },
  order: "any",
  headerLines: 0,
  isRetried: false,
};

/** `s0` to workers; what they write is `s1`, which `j1` reads. */
function makeRig(
  io: DescriptorIo,
  { pool = {}, ...limits }: Partial<RigOptions> & { readonly pool?: Partial<PoolTopology> } = {},
): RelayRig {
  return new RelayRig({
    io,
    streams: [[0], [1]],
    joins: [{ edges: [0] }, { edges: [1] }],
    pools: [{ ...LANES, ...pool }],
    memoryBytes: 64 * MIB,
    spillBytes: 64 * MIB,
    ...limits,
  });
}

/** Lines of many lengths: no block of the engine holds a whole number of them. */
function makeLines(bytes: number): Buffer {
  const lines: string[] = [];
  for (let at = 0, length = 0; length < bytes; length += lines.at(-1)?.length ?? 0, at++) {
    lines.push(`k${at % 51} ${"w".repeat((at * 37) % 3001)}\n`);
  }
  return Buffer.from(lines.join(""));
}

/** A process that writes what `change` makes of what it reads. */
class Worker {
  readonly #taker: Taker;
  readonly #feeder: Feeder;
  readonly #change: (bytes: Buffer) => Buffer;
  #unwritten: Buffer = Buffer.alloc(0);

  constructor(
    { taker, feeder }: { readonly taker: Taker; readonly feeder: Feeder },
    change: (bytes: Buffer) => Buffer,
  ) {
    this.#taker = taker;
    this.#feeder = feeder;
    this.#change = change;
  }

  /** Reads and writes what can be now; how many bytes. It ends as its input does. */
  go(): number {
    const got = this.#unwritten.length > 0 ? Buffer.alloc(0) : this.#taker.readAway(MIB);
    if (got.length > 0) this.#unwritten = this.#change(got);
    const written = this.#feeder.write(this.#unwritten) ?? 0;
    this.#unwritten = this.#unwritten.subarray(written);
    if (this.#taker.isAtEnd && this.#unwritten.length === 0) this.#feeder.close();
    return got.length + written;
  }
}

/** Carries the input through two workers; what `j1` is given, or how much of it when nothing moves any more. */
function carry(rig: RelayRig, input: Buffer, change: (bytes: Buffer) => Buffer): Buffer | number {
  const feeder = rig.feed(0);
  const taker = rig.take(1);
  rig.relays.openPool(0);
  let rest = input.subarray(feeder.write(input) ?? 0);
  rig.settle();
  const workers = [0, 1].map((copy) => new Worker(rig.work(0, copy), change));
  for (let quiet = 0; quiet < 3;) {
    let moved = 0;
    if (rest.length > 0) {
      moved = feeder.write(rest) ?? 0;
      rest = rest.subarray(moved);
    } else feeder.close();
    rig.settle();
    for (const worker of workers) moved += worker.go();
    rig.settle();
    moved += taker.read();
    if (taker.isAtEnd) return taker.bytes;
    quiet = moved === 0 ? quiet + 1 : 0;
  }
  return taker.length;
}

function sortLines(bytes: Buffer | number): readonly string[] {
  return bytes.toString().split("\n").sort();
}

describe.each(IOS)("workers by key, whose lines come as they are written ($name)", ({ io }) => {
  test("give lines on that begin in one block and end in the next, before the workers end", () => {
    const input = makeLines(3 * WORKER_BYTES);
    const output = carry(makeRig(io), input, (bytes) => bytes);
    expect(sortLines(output)).toEqual(sortLines(input));
  });

  test("wait for a line that ends with its worker, however long the others' are", () => {
    const input = makeLines(4 * WORKER_BYTES);
    const change = (bytes: Buffer): Buffer => Buffer.from(bytes.toString("latin1").replaceAll("\n", ""));
    const output = carry(makeRig(io), input, change);
    expect(sortLines(output).map(({ length }) => length > WORKER_BYTES)).toEqual([false, true, true]);
    expect(output.toString().replaceAll("\n", "").length).toBe(change(input).length);
  });
});

describe.each(IOS)("workers ($name)", ({ io }) => {
  test("read whole lines of several streams as they come", () => {
    const merged = {
      streams: [[0], [2], [1]],
      joins: [{ edges: [0, 2], merge: "lines" }, { edges: [1] }],
    } as const;
    const rig = makeRig(io, { ...merged, pool: { streams: [2], spread: { kind: "blocks" } } });
    const [silent, other, taker] = [rig.feed(0), rig.feed(1), rig.take(1)];
    rig.relays.openPool(0);
    other.write(Buffer.from("one\nlast"));
    rig.settle();
    const worker = rig.work(0, 0);
    rig.settle();
    expect(worker.taker.readAway().toString()).toBe("one\n");
    other.close();
    silent.write(Buffer.from("two"));
    silent.close();
    rig.settle();
    expect(worker.taker.readAway().toString()).toBe("last\ntwo\n");
    worker.feeder.close();
    rig.settle();
    taker.read();
    expect(taker.isAtEnd).toBe(true);
  });

  test("are given on when one that may be run again has left much of its input", () => {
    const rig = makeRig(io, { pool: { isRetried: true, order: "input" } });
    const feeder = rig.feed(0);
    rig.take(1);
    rig.relays.openPool(0);
    const line = Buffer.from("same key\n".repeat(1000));
    const input = Buffer.alloc(2 * WORKER_BYTES, line);
    let written = rig.fill(feeder, input);
    rig.work(0, 0);
    rig.work(0, 1);
    written += rig.fill(feeder, input.subarray(written));
    expect(written).toBeLessThan(input.length);
    const left = rig.relays.pools[0]?.copy(0)?.waiting === 0 ? 1 : 0;
    rig.relays.pools[0]?.endCopy(left, { how: "well", now: 0 });
    rig.settle();
    expect(written + rig.fill(feeder, input.subarray(written))).toBe(input.length);
  });

  test("go on when others have given room in the store back", () => {
    // The other stream holds all the room that there is.
    const rig = makeRig(io, {
      streams: [[0], [1], [2, 3]],
      joins: [{ edges: [0] }, { edges: [1] }, { edges: [2] }, { edges: [3] }],
      pool: { order: "input" },
      memoryBytes: 0,
      spillBytes: 4 * MIB,
    });
    const [feeder, other] = [rig.feed(0), rig.feed(2)];
    const [taker, slow, quick] = [rig.take(1), rig.take(2), rig.take(3)];
    rig.relays.grow(rig.edge(2), Infinity);
    rig.relays.grow(rig.edge(3), Infinity);
    const held = rig.fill(other, makeLines(8 * MIB));
    expect(rig.relays.store.usedBytes.spill).toBe(4 * MIB);
    rig.relays.openPool(0);
    const input = makeLines(9 * MIB);
    let written = rig.fill(feeder, input);
    const workers = [0, 1].map((copy) => new Worker(rig.work(0, copy), (bytes) => bytes));
    const goOn = (): void => {
      for (let moved = 1; moved > 0;) {
        moved = written < input.length ? rig.fill(feeder, input.subarray(written)) : 0;
        written += moved;
        if (written === input.length) feeder.close();
        rig.settle();
        for (const worker of workers) moved += worker.go();
        rig.settle();
        moved += taker.read();
      }
    };
    goOn();
    expect(taker.isAtEnd).toBe(false);
    expect([slow.read(), quick.read()]).not.toContain(0);
    for (let read = 1; read > 0; read = slow.read() + quick.read()) rig.settle();
    expect(slow.length).toBe(held);
    goOn();
    expect(sortLines(taker.bytes)).toEqual(sortLines(input));
  });
});
