import { Buffer } from "node:buffer";
import { fstatSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BLOCK_BYTES, FANOUT_BYTES, PIPE_BYTES } from "../../lib/core/limits/streams.ts";
import { makeBytes, makeTestPipe } from "./pipe_ends.ts";
import { IOS, RelayRig } from "./relay_rig.ts";

const MIB = 1024 * 1024;
const PAGE = 4096;

/** One stream to three readers. */
const FAN = { streams: [[0, 1, 2]], joins: [{ edges: [0] }, { edges: [1] }, { edges: [2] }] };
describe.each(IOS)("Relays ($name)", ({ io }) => {
  test("give one edge straight on", () => {
    const rig = new RelayRig({ io, streams: [[0]], joins: [{ edges: [0] }], spillBytes: BLOCK_BYTES });
    const bytes = makeBytes(5 * MIB + 7);
    const [feeder, taker] = [rig.feed(0), rig.take(0)];
    rig.carry([[feeder, bytes]], [{ taker }]);
    expect(taker.bytes.equals(bytes)).toBe(true);
    expect({ taken: [...rig.board.taken], given: [...rig.board.given], lost: [...rig.board.isLost] }).toEqual(
      {
        taken: [bytes.length],
        given: [bytes.length],
        lost: [0],
      },
    );
    expect(rig.events).toEqual(["s0 begun", "s0 ended", "j0 ended"]);
    expect(rig.relays.store.usedBytes).toEqual({ memory: 0, spill: 0 });
  });

  test("give a byte on at once, and keep a silent stream open", () => {
    const rig = new RelayRig({ io, streams: [[0]], joins: [{ edges: [0] }] });
    const [feeder, taker] = [rig.feed(0), rig.take(0)];
    rig.settle();
    expect(rig.events).toEqual([]);
    for (const letter of "abc") {
      feeder.write(Buffer.from(letter));
      rig.settle();
      taker.read();
    }
    expect({ text: taker.text, isAtEnd: taker.isAtEnd }).toEqual({ text: "abc", isAtEnd: false });
    expect(rig.events).toEqual(["s0 begun"]);
  });

  test("give every reader of a stream the same bytes, however fast it is", () => {
    const rig = new RelayRig({ io, ...FAN });
    const bytes = makeBytes(6 * MIB + 5);
    const feeder = rig.feed(0);
    const [fast, middling, slow] = [rig.take(0), rig.take(1), rig.take(2)];
    rig.carry([[feeder, bytes]], [{ taker: fast }, { taker: middling, step: 300_001 }, {
      taker: slow,
      step: 70_001,
    }]);
    for (const taker of [fast, middling, slow]) expect(taker.bytes.equals(bytes)).toBe(true);
    expect([...rig.board.given]).toEqual([bytes.length, bytes.length, bytes.length]);
    expect(rig.events.sort()).toEqual(["j0 ended", "j1 ended", "j2 ended", "s0 begun", "s0 ended"]);
  });

  test("hold the writer back when one of its readers is slow", () => {
    const rig = new RelayRig({ io, streams: [[0, 1]], joins: [{ edges: [0] }, { edges: [1] }] });
    const bytes = makeBytes(8 * MIB);
    const feeder = rig.feed(0);
    const [fast, slow] = [rig.take(0), rig.take(1)];
    let written = 0;
    for (let count = 1; count > 0 || fast.read() > 0;) {
      count = rig.fill(feeder, bytes.subarray(written));
      written += count;
    }
    const [taken = 0] = rig.board.taken;
    const [, given = 0] = rig.board.given;
    expect(given).toBeLessThanOrEqual(PIPE_BYTES);
    // A byte more may be taken to see whether it is the end.
    expect(taken - given).toBeLessThanOrEqual(FANOUT_BYTES + 1);
    expect(taken - given).toBeGreaterThanOrEqual(FANOUT_BYTES);
    expect(written - taken).toBeLessThanOrEqual(PIPE_BYTES);
    expect(fast.length).toBe(taken);
    rig.carry([[feeder, bytes.subarray(written)]], [{ taker: fast }, { taker: slow }]);
    expect(fast.bytes.equals(bytes) && slow.bytes.equals(bytes)).toBe(true);
  });

  test("hold nothing of an edge alone but what lies in its pipes", () => {
    const rig = new RelayRig({ io, streams: [[0]], joins: [{ edges: [0] }], spillBytes: BLOCK_BYTES });
    const bytes = makeBytes(8 * MIB);
    const [feeder, taker] = [rig.feed(0), rig.take(0)];
    const written = rig.fill(feeder, bytes);
    expect(written).toBeLessThanOrEqual(2 * PIPE_BYTES + 32 * 1024);
    rig.carry([[feeder, bytes.subarray(written)]], [{ taker }]);
    expect(taker.bytes.equals(bytes)).toBe(true);
  });

  test("drop only the edge of a reader that leaves early", () => {
    const rig = new RelayRig({ io, ...FAN });
    const bytes = makeBytes(5 * MIB);
    const feeder = rig.feed(0);
    const [leaver, stayer, other] = [rig.take(0), rig.take(1), rig.take(2)];
    let written = rig.fill(feeder, bytes);
    leaver.read(PAGE);
    leaver.close();
    rig.settle();
    expect(rig.events).toEqual(["s0 begun", "j0 reader-left"]);
    written += rig.fill(feeder, bytes.subarray(written));
    rig.carry([[feeder, bytes.subarray(written)]], [{ taker: stayer }, { taker: other }]);
    expect(stayer.bytes.equals(bytes) && other.bytes.equals(bytes)).toBe(true);
    expect(leaver.bytes.equals(bytes.subarray(0, PAGE))).toBe(true);
    expect([...rig.board.isLost]).toEqual([0]);
  });

  test("see that a reader has left who was never given a byte", () => {
    const rig = new RelayRig({ io, streams: [[0]], joins: [{ edges: [0] }] });
    const [feeder, taker] = [rig.feed(0), rig.take(0)];
    taker.close();
    feeder.write(Buffer.from("x"));
    rig.settle();
    expect(rig.events.filter((event) => event !== "s0 begun")).toEqual(["s0 lost", "j0 reader-left"]);
  });

  test.each([[[[0]]], [[[0, 1]]]])("drain a stream when all its readers have left (edges %j)", (streams) => {
    const edges = streams.flat();
    const rig = new RelayRig({ io, streams, joins: edges.map((edge) => ({ edges: [edge] })) });
    const bytes = makeBytes(6 * MIB);
    const feeder = rig.feed(0);
    const takers = edges.map((edge) => rig.take(edge));
    const written = rig.fill(feeder, bytes.subarray(0, PAGE));
    for (const taker of takers) taker.close();
    expect(rig.fill(feeder, bytes.subarray(written))).toBe(bytes.length - written);
    expect(rig.events.filter((event) => event === "s0 lost")).toHaveLength(1);
    expect({ lost: [...rig.board.isLost], taken: [...rig.board.taken] }).toEqual({
      lost: [1],
      taken: [bytes.length],
    });
    feeder.close();
    rig.settle();
    expect(rig.events.at(-1)).toBe("s0 ended");
    expect(rig.relays.store.usedBytes).toEqual({ memory: 0, spill: 0 });
  });

  test("close a stream to its writer and still give on what was taken", () => {
    const rig = new RelayRig({ io, streams: [[0, 1]], joins: [{ edges: [0] }, { edges: [1] }] });
    const bytes = makeBytes(PIPE_BYTES / 2);
    const feeder = rig.feed(0);
    const takers = [rig.take(0), rig.take(1)];
    rig.fill(feeder, bytes);
    rig.relays.closeStream(0);
    expect(feeder.write(bytes)).toBeUndefined();
    rig.carry([], takers.map((taker) => ({ taker })));
    for (const taker of takers) expect(taker.bytes.equals(bytes)).toBe(true);
    expect(rig.events.slice(0, 2)).toEqual(["s0 begun", "s0 ended"]);
  });

  test("close the pipe of a stream that is opened after it was closed", () => {
    const rig = new RelayRig({ io, streams: [[0]], joins: [{ edges: [0] }] });
    const taker = rig.take(0);
    rig.relays.closeStream(0);
    rig.settle();
    const { readFd, writeFd } = makeTestPipe();
    rig.relays.openStream(0, { kind: "pipe", fd: readFd });
    io.close(writeFd);
    taker.read();
    expect(taker.isAtEnd).toBe(true);
    expect(() => fstatSync(readFd)).toThrow("EBADF");
  });
});

// Elsewhere only a write can tell.
describe.each(IOS.filter(({ name }) => name === "kernel"))("Relays ($name)", ({ io }) => {
  test.each(["concat", "lines"] as const)(
    "see a reader leave while there is nothing to write (%s)",
    (merge) => {
      const rig = new RelayRig({ io, streams: [[0], [1]], joins: [{ edges: [0, 1], merge }] });
      const [feeder, , taker] = [rig.feed(0), rig.feed(1), rig.take(0)];
      rig.settle();
      expect(rig.events).toEqual([]);
      taker.close();
      rig.settle();
      expect(rig.events).toEqual(["s0 lost", "s1 lost", "j0 reader-left"]);
      expect(rig.fill(feeder, makeBytes(3 * MIB))).toBe(3 * MIB);
    },
  );
});
