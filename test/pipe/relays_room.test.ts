/**
 * What streams hold that are ahead of their readers, and what becomes of the room.
 */
import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { BLOCK_BYTES } from "../../lib/core/limits/streams.ts";
import { closeFd } from "../../lib/host/descriptors/descriptors.ts";
import { NOT_NOW } from "../../lib/host/descriptor_io/descriptor_io.ts";
import { makeBytes, makeTestPipe } from "./pipe_ends.ts";
import { IOS, RelayRig } from "./relay_rig.ts";

const MIB = 1024 * 1024;
const PAGE = 4096;

/** One stream to three readers. */
const FAN = { streams: [[0, 1, 2]], joins: [{ edges: [0] }, { edges: [1] }, { edges: [2] }] };
/** Two streams that one reader takes one after the other. */
const JOIN = { streams: [[0], [1]], joins: [{ edges: [0, 1] }] };

describe.each(IOS)("Relays ($name)", ({ io, hasMemory }) => {
  test("share the room in whole bytes, and what is asked for nothing is not at its end", () => {
    const streams = Array.from({ length: 997 }, (_, id) => [id]);
    const rig = new RelayRig({ io, streams, joins: streams.map((edges) => ({ edges })) });
    expect(Number.isInteger(rig.stream(0).shareBytes)).toBe(true);
    const [from, to] = [makeTestPipe(), makeTestPipe()];
    for (const max of [0, 0.5]) {
      expect(io.move({ from: from.readFd, to: to.writeFd, max })).toBe(NOT_NOW);
    }
    for (const { readFd, writeFd } of [from, to]) [readFd, writeFd].forEach(closeFd);
  });

  test("go on with a stream whose edge has grown", () => {
    const rig = new RelayRig({ io, ...JOIN, memoryBytes: 64 * MIB, spillBytes: 64 * MIB });
    const [first, second] = [rig.feed(0), rig.feed(1)];
    const taker = rig.take(0);
    const bytes = makeBytes(6 * MIB, 1);
    let written = rig.fill(second, bytes);
    expect(rig.board.taken[1]).toBeLessThanOrEqual(1);
    for (const capacity of [MIB, 4 * MIB]) {
      rig.relays.grow(rig.edge(1), capacity);
      written += rig.fill(second, bytes.subarray(written));
      const { taken, position } = { ...rig.stream(1), ...rig.edge(1) };
      expect(taken - position).toBeGreaterThanOrEqual(capacity);
      expect(taken - position).toBeLessThanOrEqual(capacity + 1);
    }
    expect(taker.read()).toBe(0);
    rig.carry([[first, Buffer.from("first")], [second, bytes.subarray(written)]], [{ taker }]);
    expect(taker.bytes.equals(Buffer.concat([Buffer.from("first"), bytes]))).toBe(true);
    expect(rig.relays.store.usedBytes).toEqual({ memory: 0, spill: 0 });
  });

  test("hold bytes in memory first, then on disk, and at last no more", () => {
    const rig = new RelayRig({ io, ...JOIN, memoryBytes: 2 * BLOCK_BYTES, spillBytes: 4 * BLOCK_BYTES });
    const [taker, second] = [rig.take(0), rig.feed(1)];
    const bytes = makeBytes(4 * MIB, 1);
    rig.relays.grow(rig.edge(1), Infinity);
    const { log } = rig.stream(1);
    const { store } = rig.relays;
    let written = rig.fill(second, bytes.subarray(0, BLOCK_BYTES - 1));
    expect({ isSpilled: log.isSpilled, used: store.usedBytes, lacksRoom: log.lacksRoom }).toEqual({
      isSpilled: !hasMemory,
      used: hasMemory ? { memory: BLOCK_BYTES, spill: 0 } : { memory: 0, spill: BLOCK_BYTES },
      lacksRoom: false,
    });
    written += rig.fill(second, bytes.subarray(written));
    expect({ isSpilled: log.isSpilled, used: store.usedBytes, lacksRoom: log.lacksRoom }).toEqual({
      isSpilled: true,
      used: { memory: hasMemory ? 2 * BLOCK_BYTES : 0, spill: 4 * BLOCK_BYTES },
      lacksRoom: true,
    });
    expect(store.noRoom).toEqual({ kind: "limit" });
    // Some room is given back: it is used again, and everything comes in order.
    rig.carry([[rig.feed(0), Buffer.from("first")]], []);
    for (let room = 0; room === 0 && taker.read(BLOCK_BYTES) > 0; written += room) {
      room = rig.fill(second, bytes.subarray(written, written + PAGE));
    }
    rig.carry([[second, bytes.subarray(written)]], [{ taker }]);
    expect(taker.bytes.equals(Buffer.concat([Buffer.from("first"), bytes]))).toBe(true);
    expect({ used: store.usedBytes, lacksRoom: log.lacksRoom }).toEqual({
      used: { memory: 0, spill: 0 },
      lacksRoom: false,
    });
  });

  test("go on with a stream when another one gives its room back", () => {
    const rig = new RelayRig({
      io,
      streams: [[0], [1], [2], [3]],
      joins: [{ edges: [0, 1] }, { edges: [2, 3] }],
      memoryBytes: hasMemory ? 2 * BLOCK_BYTES : 0,
      spillBytes: hasMemory ? 0 : 2 * BLOCK_BYTES,
    });
    const [greedy, waiting] = [rig.feed(1), rig.feed(3)];
    const takers = [rig.take(0), rig.take(1)] as const;
    for (const edge of [1, 3]) rig.relays.grow(rig.edge(edge), Infinity);
    const bytes = makeBytes(3 * MIB);
    const before = [rig.fill(greedy, bytes), rig.fill(waiting, bytes)] as const;
    expect({ taken: [...rig.board.taken], lacksRoom: rig.stream(3).log.lacksRoom }).toEqual({
      taken: [0, 2 * BLOCK_BYTES, 0, 0],
      lacksRoom: true,
    });
    rig.carry([[rig.feed(0), new Uint8Array()], [greedy, bytes.subarray(before[0])]], [{ taker: takers[0] }]);
    expect(rig.board.taken[3]).toBe(2 * BLOCK_BYTES);
    rig.carry([[rig.feed(2), new Uint8Array()], [waiting, bytes.subarray(before[1])]], [{
      taker: takers[1],
    }]);
    for (const taker of takers) expect(taker.bytes.equals(bytes)).toBe(true);
  });

  test("use no room for streams that are silent", () => {
    const rig = new RelayRig({
      io,
      streams: [[0], [1], [2]],
      joins: [{ edges: [0, 1, 2] }],
      spillBytes: MIB,
    });
    rig.take(0);
    for (const stream of [0, 1, 2]) rig.feed(stream);
    rig.settle();
    expect(rig.relays.store.usedBytes).toEqual({ memory: 0, spill: 0 });
  });

  test("give the last block of a stream back when the stream ends", () => {
    const rig = new RelayRig({ io, ...JOIN, memoryBytes: MIB, spillBytes: MIB });
    const first = rig.feed(0, { pipeBytes: PAGE });
    const taker = rig.take(0, { pipeBytes: PAGE });
    rig.relays.grow(rig.edge(0), BLOCK_BYTES);
    const bytes = makeBytes(5 * PAGE);
    rig.fill(first, bytes);
    while (taker.length < bytes.length) {
      taker.read();
      rig.settle();
    }
    first.close();
    rig.settle();
    expect(rig.events).toEqual(["s0 begun", "s0 ended"]);
    expect(rig.relays.store.usedBytes).toEqual({ memory: 0, spill: 0 });
    rig.carry([[rig.feed(1), Buffer.from("second")]], [{ taker }]);
    expect(taker.bytes.equals(Buffer.concat([bytes, Buffer.from("second")]))).toBe(true);
  });

  test("take a stream whose reader has not come yet as far as there is room, and give it all later", () => {
    const rig = new RelayRig({ io, ...FAN, memoryBytes: 8 * MIB, spillBytes: 8 * MIB });
    const bytes = makeBytes(4 * MIB);
    const feeder = rig.feed(0);
    const early = [rig.take(0), rig.take(1)].map((taker) => ({ taker }));
    rig.carry([[feeder, bytes]], early);
    expect(rig.board.taken[0]).toBe(bytes.length);
    const late = rig.take(2);
    rig.carry([], [{ taker: late }]);
    for (const { taker } of [...early, { taker: late }]) expect(taker.bytes.equals(bytes)).toBe(true);
  });

  test("forget a reader that will not come, and what was kept for it", () => {
    const rig = new RelayRig({ io, ...FAN, memoryBytes: 8 * MIB, spillBytes: 8 * MIB });
    const bytes = makeBytes(4 * MIB);
    const feeder = rig.feed(0);
    const readers = [rig.take(0), rig.take(1)].map((taker) => ({ taker }));
    rig.carry([[feeder, bytes]], readers);
    rig.relays.dropJoin(2);
    rig.settle();
    expect(rig.events.at(-1)).toBe("j2 reader-left");
    expect(rig.relays.store.usedBytes).toEqual({ memory: 0, spill: 0 });
    const late = rig.take(2);
    late.read();
    expect({ isAtEnd: late.isAtEnd, length: late.length }).toEqual({ isAtEnd: true, length: 0 });
  });
});
