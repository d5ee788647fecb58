/**
 * Workers between relays: what they are given and what is put together from what they write, beyond every buffer on the
 * way.
 */
import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { WORKER_BYTES } from "../../lib/core/limits.ts";
import type { RelayIo } from "../../lib/host/relay_io.ts";
import type { PoolTopology } from "../../lib/pipe/relay_topology.ts";
import type { Feeder, Taker } from "./pipe_ends.ts";
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
function makeRig(io: RelayIo, pool: Partial<PoolTopology> = {}): RelayRig {
  return new RelayRig({
    io,
    streams: [[0], [1]],
    joins: [{ edges: [0] }, { edges: [1] }],
    pools: [{ ...LANES, ...pool }],
    memoryBytes: 64 * MIB,
    spillBytes: 64 * MIB,
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
