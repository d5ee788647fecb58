import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { BLOCK_BYTES } from "../../../lib/core/limits/streams.ts";
import type { Pipe } from "../../../lib/host/descriptors/descriptors.ts";
import { AT_END, NOT_NOW } from "../../../lib/host/descriptor_io/descriptor_io.ts";
import type { DescriptorIo } from "../../../lib/host/descriptor_io/descriptor_io.ts";
import { BlockStore } from "../../../lib/data/block_store.ts";
import { StreamLog } from "../../../lib/pipe/state/stream_log.ts";
import { makeRandom } from "../../random/prng.ts";
import { Feeder, makeBytes, makeTestPipe, Taker } from "../pipe_ends.ts";
import { IOS, makeFolder } from "../relay_rig.ts";

const PAGE = 4096;
const MIB = 1024 * 1024;

interface Rig {
  readonly log: StreamLog;
  readonly store: BlockStore;
  /** The log is filled from this pipe, and emptied into the other. */
  readonly input: Pipe;
  readonly output: Pipe;
  readonly feeder: Feeder;
  readonly taker: Taker;
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

function makeRig(
  io: DescriptorIo,
  { memory, spill }: { readonly memory: number; readonly spill: number },
): Rig {
  const limits = { memoryBytes: memory * BLOCK_BYTES, spillBytes: spill * BLOCK_BYTES };
  const store = new BlockStore({ io, ...limits, folder: makeFolder() });
  const [input, output] = [makeTestPipe(), makeTestPipe()];
  const rig = {
    log: new StreamLog(io, store),
    store,
    input,
    output,
    feeder: new Feeder(input.writeFd),
    taker: new Taker(output.readFd),
  };
  closing.push(() => {
    for (const fd of [input.readFd, output.writeFd]) {
      io.forget(fd);
      io.close(fd);
    }
    rig.feeder.close();
    rig.taker.close();
    store.close();
  });
  return rig;
}

/** Appends through the pipe as far as there is room; how many bytes that were. */
function append({ log, input, feeder }: Rig, bytes: Uint8Array): number {
  let [written, done] = [0, 0];
  while (done < bytes.length) {
    written += feeder.write(bytes.subarray(written)) ?? 0;
    const moved = log.append(input.readFd, { max: bytes.length - done, isBase: false });
    if (moved <= 0) break;
    done += moved;
  }
  return done;
}

/** Passes bytes on from a position and reads them; how many that were. */
function pass({ log, output, taker }: Rig, position: number): number {
  const moved = log.load(position, { to: output.writeFd, isToFile: false });
  return moved > 0 ? taker.read(moved) : 0;
}

/** Reads what the log has from a position on. */
function readAll(log: StreamLog, position: number): Buffer {
  const chunks: Buffer[] = [];
  for (let at = position; at < log.tail;) {
    const buffer = Buffer.alloc(100_000);
    const count = log.read(at, buffer);
    if (count <= 0) throw new Error(`nothing at ${at}: ${count}`);
    chunks.push(buffer.subarray(0, count));
    at += count;
  }
  return Buffer.concat(chunks);
}

/** The store's file where there is memory, and where there is none. */
const PLACES = [{ place: "memory", memory: 16, spill: 0 }, { place: "disk", memory: 0, spill: 16 }] as const;

describe.each(IOS)("StreamLog ($name)", ({ io, hasMemory }) => {
  const places = PLACES.filter(({ place }) => hasMemory || place === "disk");

  test("gives what was appended, from any position, over memory and disk", () => {
    const rig = makeRig(io, { memory: 2, spill: 6 });
    const bytes = makeBytes(5 * BLOCK_BYTES + 123);
    expect(append(rig, bytes)).toBe(bytes.length);
    expect({ tail: rig.log.tail, isSpilled: rig.log.isSpilled }).toEqual({
      tail: bytes.length,
      isSpilled: true,
    });
    for (const position of [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, 3 * BLOCK_BYTES + 5, bytes.length - 1]) {
      expect(readAll(rig.log, position).equals(bytes.subarray(position))).toBe(true);
    }
    for (let at = 0; at < bytes.length;) at += pass(rig, at);
    expect(rig.taker.bytes.equals(bytes)).toBe(true);
    expect(rig.log.read(bytes.length, Buffer.alloc(1))).toBe(AT_END);
    expect(rig.log.load(bytes.length, { to: rig.output.writeFd, isToFile: false })).toBe(AT_END);
  });

  test("load() gives to files too", () => {
    const rig = makeRig(io, { memory: 1, spill: 6 });
    const bytes = makeBytes(3 * BLOCK_BYTES + 77);
    append(rig, bytes);
    const path = join(makeFolder(), "target");
    const fd = openSync(path, "w");
    for (let at = 0; at < bytes.length;) at += rig.log.load(at, { to: fd, isToFile: true });
    closeSync(fd);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test("append() tells that the pipe is empty, and its end", () => {
    const rig = makeRig(io, { memory: 4, spill: 4 });
    expect(rig.log.append(rig.input.readFd, { max: MIB, isBase: false })).toBe(NOT_NOW);
    expect(rig.log.lacksRoom).toBe(false);
    append(rig, makeBytes(10));
    expect(rig.log.append(rig.input.readFd, { max: MIB, isBase: false })).toBe(NOT_NOW);
    rig.feeder.close();
    expect(rig.log.append(rig.input.readFd, { max: MIB, isBase: false })).toBe(AT_END);
    expect(rig.log.tail).toBe(10);
  });

  test("append() takes no more than it may", () => {
    const rig = makeRig(io, { memory: 4, spill: 4 });
    rig.feeder.write(makeBytes(1000));
    expect(rig.log.append(rig.input.readFd, { max: 300, isBase: false })).toBe(300);
    expect(rig.log.tail).toBe(300);
  });

  test("trim() gives back what lies wholly before a position", () => {
    const rig = makeRig(io, { memory: 0, spill: 8 });
    const bytes = makeBytes(3 * BLOCK_BYTES + 10);
    append(rig, bytes);
    const used = (position: number): number => {
      rig.log.trim(position);
      return rig.store.usedBytes.spill / BLOCK_BYTES;
    };
    expect([0, BLOCK_BYTES - 1, BLOCK_BYTES, 2 * BLOCK_BYTES + 9].map(used)).toEqual([4, 4, 3, 2]);
    expect(readAll(rig.log, 2 * BLOCK_BYTES + 9).equals(bytes.subarray(2 * BLOCK_BYTES + 9))).toBe(true);
    expect(used(bytes.length)).toBe(1);
    append(rig, bytes.subarray(0, 20));
    expect(readAll(rig.log, bytes.length).equals(bytes.subarray(0, 20))).toBe(true);
  });

  test("clear() gives everything back, and positions go on", () => {
    const rig = makeRig(io, { memory: 0, spill: 8 });
    const bytes = makeBytes(BLOCK_BYTES + 10);
    append(rig, bytes);
    rig.log.clear();
    expect({ used: rig.store.usedBytes, tail: rig.log.tail }).toEqual({
      used: { memory: 0, spill: 0 },
      tail: bytes.length,
    });
    append(rig, bytes);
    expect(readAll(rig.log, bytes.length).equals(bytes)).toBe(true);
  });

  test("skip() passes by bytes that are held nowhere", () => {
    const rig = makeRig(io, { memory: 0, spill: 8 });
    const bytes = makeBytes(BLOCK_BYTES + 10);
    append(rig, bytes);
    rig.log.skip(1234);
    expect({ used: rig.store.usedBytes, tail: rig.log.tail }).toEqual({
      used: { memory: 0, spill: 0 },
      tail: bytes.length + 1234,
    });
    append(rig, bytes);
    expect(readAll(rig.log, bytes.length + 1234).equals(bytes)).toBe(true);
  });

  test("append() tells when the store has no room, and goes on when it has", () => {
    const rig = makeRig(io, { memory: 0, spill: 2 });
    const bytes = makeBytes(3 * BLOCK_BYTES);
    const taken = append(rig, bytes);
    expect({ taken, lacksRoom: rig.log.lacksRoom, noRoom: rig.store.noRoom }).toEqual({
      taken: 2 * BLOCK_BYTES,
      lacksRoom: true,
      noRoom: { kind: "limit" },
    });
    rig.log.trim(BLOCK_BYTES);
    expect(rig.log.append(rig.input.readFd, { max: MIB, isBase: false })).toBeGreaterThan(0);
    expect(rig.log.lacksRoom).toBe(false);
    const rest = readAll(rig.log, BLOCK_BYTES);
    expect(rest.equals(bytes.subarray(BLOCK_BYTES, BLOCK_BYTES + rest.length))).toBe(true);
  });

  test.each(places)(
    "bytes in a pipe stay what they were when their blocks are used again ($place)",
    (limits) => {
      const rig = makeRig(io, { ...limits, memory: limits.memory && 2, spill: limits.spill && 2 });
      const old = makeBytes(2 * BLOCK_BYTES, 1);
      append(rig, old);
      let loaded = 0;
      for (let moved = 1; moved > 0 && loaded < old.length; loaded += Math.max(0, moved)) {
        moved = rig.log.load(loaded, { to: rig.output.writeFd, isToFile: false });
      }
      expect(loaded).toBeGreaterThanOrEqual(PAGE);
      rig.log.clear();
      // The limits leave no room but that of the old bytes.
      const young = makeBytes(2 * BLOCK_BYTES, 2);
      expect(append(rig, young)).toBe(young.length);
      rig.taker.read();
      expect(rig.taker.bytes.equals(old.subarray(0, loaded))).toBe(true);
      expect(readAll(rig.log, old.length).equals(young)).toBe(true);
    },
  );

  test.each(places)(
    "bytes in a pipe stay what they were when more comes to their page ($place)",
    (limits) => {
      const rig = makeRig(io, limits);
      const bytes = makeBytes(2 * PAGE);
      append(rig, bytes.subarray(0, 100));
      rig.log.load(0, { to: rig.output.writeFd, isToFile: false });
      append(rig, bytes.subarray(100));
      for (let at = 100; at < bytes.length; at += pass(rig, at));
      rig.taker.read();
      expect(rig.taker.bytes.equals(bytes)).toBe(true);
    },
  );

  test.each([1, 2, 3, 4, 5, 6])("gives back what was appended in any order of calls (seed %i)", (seed) => {
    const random = makeRandom(seed, "stream log");
    const rig = makeRig(io, { memory: random.int(0, 2), spill: 3 });
    const bytes = makeBytes(6 * MIB, seed);
    const { log, input, feeder } = rig;
    for (let [written, position] = [0, 0]; position < bytes.length;) {
      written += feeder.write(bytes.subarray(written, written + random.pick([1, PAGE, 100_000, MIB]))) ?? 0;
      for (let turns = random.int(0, 9); turns > 0; turns--) {
        log.append(input.readFd, { max: random.int(1, MIB), isBase: false });
      }
      for (let turns = random.int(0, 9); turns > 0 && position < log.tail; turns--) {
        position += pass(rig, position);
      }
      if (random.chance(0.3)) log.trim(random.int(0, position));
      if (log.lacksRoom) {
        while (position < log.tail) position += pass(rig, position);
        log.trim(position);
      }
    }
    expect(rig.taker.bytes.equals(bytes)).toBe(true);
    rig.log.clear();
    expect(rig.store.usedBytes).toEqual({ memory: 0, spill: 0 });
  });
});
