import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { makeBytes } from "./pipe_ends.ts";
import { IOS, RelayRig } from "./relay_rig.ts";

const MIB = 1024 * 1024;
const PAGE = 4096;
const ONE = { streams: [[0]], joins: [{ edges: [0] }] };
const FAN = { streams: [[0, 1]], joins: [{ edges: [0] }, { edges: [1] }] };

describe.each(IOS)("Relays with a tap ($name)", ({ io }) => {
  test.each([{ tapBytes: PAGE }, { tapBytes: 64 * 1024 }, {}])("copy a stream into it, %j", (sizes) => {
    const rig = new RelayRig({ io, ...ONE });
    const { feeder, tap } = rig.feedTapped(0, sizes);
    const taker = rig.take(0);
    const bytes = makeBytes(3 * MIB + 7);
    rig.carry([[feeder, bytes]], [{ taker }, { taker: tap, step: 100_001 }]);
    expect(taker.bytes.equals(bytes) && tap.bytes.equals(bytes)).toBe(true);
    expect(rig.stream(0).isWhole).toBe(true);
    expect(rig.events).toEqual(["s0 begun", "s0 ended", "j0 ended"]);
  });

  test("copy a fan-out once, whoever is slow", () => {
    const rig = new RelayRig({ io, ...FAN });
    const { feeder, tap } = rig.feedTapped(0);
    const [fast, slow] = [rig.take(0), rig.take(1)];
    const bytes = makeBytes(6 * MIB + 5);
    rig.carry([[feeder, bytes]], [{ taker: fast }, { taker: slow, step: 90_001 }, {
      taker: tap,
      step: 200_003,
    }]);
    for (const taker of [fast, slow, tap]) expect(taker.bytes.equals(bytes)).toBe(true);
  });

  test("copy streams whose lines are merged", () => {
    const rig = new RelayRig({ io, streams: [[0], [1]], joins: [{ edges: [0, 1], merge: "lines" }] });
    const [a, b] = [rig.feedTapped(0, { tapBytes: PAGE }), rig.feedTapped(1)];
    const taker = rig.take(0);
    const [first, second] = [Buffer.from("first\n".repeat(9000)), Buffer.from("second\n".repeat(9000))];
    rig.carry([[a.feeder, first], [b.feeder, second]], [{ taker }, { taker: a.tap }, { taker: b.tap }]);
    expect(a.tap.bytes.equals(first) && b.tap.bytes.equals(second)).toBe(true);
    expect(taker.length).toBe(first.length + second.length);
  });

  test("hold the writer back while it is full, and go on when it has room", () => {
    const rig = new RelayRig({ io, ...ONE });
    const { feeder, tap } = rig.feedTapped(0, { pipeBytes: 64 * 1024, tapBytes: 64 * 1024 });
    const taker = rig.take(0);
    const bytes = makeBytes(MIB);
    const written = rig.fill(feeder, bytes);
    taker.read();
    rig.settle();
    taker.read();
    expect(taker.length).toBeLessThanOrEqual(64 * 1024);
    expect(written).toBeLessThan(bytes.length);
    rig.carry([[feeder, bytes.subarray(written)]], [{ taker }, { taker: tap }]);
    expect(taker.bytes.equals(bytes) && tap.bytes.equals(bytes)).toBe(true);
  });

  test("go on without it when nobody is behind it any more", () => {
    const rig = new RelayRig({ io, ...ONE });
    const { feeder, tap } = rig.feedTapped(0, { tapBytes: PAGE });
    const taker = rig.take(0);
    const bytes = makeBytes(MIB);
    const written = rig.fill(feeder, bytes);
    tap.close();
    rig.carry([[feeder, bytes.subarray(written)]], [{ taker }]);
    expect(taker.bytes.equals(bytes)).toBe(true);
    expect(rig.events).toEqual(["s0 begun", "s0 ended", "j0 ended"]);
  });

  test("tell that all readers have left although it is there, and copy what is drained", () => {
    const rig = new RelayRig({ io, ...ONE });
    const { feeder, tap } = rig.feedTapped(0);
    const taker = rig.take(0);
    const bytes = makeBytes(MIB);
    feeder.write(bytes.subarray(0, PAGE));
    rig.settle();
    taker.close();
    const written = rig.fill(feeder, bytes.subarray(PAGE, 2 * PAGE)) + PAGE;
    expect(rig.events).toContain("s0 lost");
    expect(rig.board.isLost[0]).toBe(1);
    rig.carry([[feeder, bytes.subarray(written)]], [{ taker: tap }]);
    expect(tap.bytes.equals(bytes)).toBe(true);
    expect(rig.stream(0).isWhole).toBe(true);
  });

  test("end it with a stream that is closed, which is then not whole", () => {
    const rig = new RelayRig({ io, ...ONE });
    const { feeder, tap } = rig.feedTapped(0);
    rig.take(0);
    rig.fill(feeder, Buffer.from("begun"));
    rig.relays.closeStream(0);
    tap.read();
    tap.read();
    expect({ text: tap.text, isAtEnd: tap.isAtEnd, isWhole: rig.stream(0).isWhole }).toEqual({
      text: "begun",
      isAtEnd: true,
      isWhole: false,
    });
    expect(feeder.write(Buffer.from("more"))).toBe(undefined);
  });

  test("close it with a stream that comes too late", () => {
    const rig = new RelayRig({ io, ...ONE });
    rig.relays.closeStream(0);
    const { tap } = rig.feedTapped(0);
    tap.read();
    expect(tap.isAtEnd).toBe(true);
  });

  test("fill a buffer that has grown through it", () => {
    const rig = new RelayRig({
      io,
      streams: [[0], [1]],
      joins: [{ edges: [0, 1] }],
      memoryBytes: 8 * MIB,
      spillBytes: 8 * MIB,
    });
    const first = rig.feedTapped(0);
    const second = rig.feedTapped(1, { tapBytes: 64 * 1024 });
    const taker = rig.take(0);
    rig.relays.grow(rig.edge(1), Infinity);
    const bytes = makeBytes(4 * MIB + 3, 1);
    let written = 0;
    for (let moved = 1; moved > 0;) {
      moved = rig.fill(second.feeder, bytes.subarray(written));
      written += moved;
      moved += second.tap.read();
      rig.settle();
    }
    second.feeder.close();
    rig.settle();
    expect(written).toBe(bytes.length);
    expect(second.tap.bytes.equals(bytes)).toBe(true);
    rig.carry([[first.feeder, Buffer.from("first")]], [{ taker }, { taker: first.tap }]);
    expect(taker.bytes.equals(Buffer.concat([Buffer.from("first"), bytes]))).toBe(true);
  });
});
