/**
 * Several streams into one reader, and what is no pipe: files and values.
 */
import { Buffer } from "node:buffer";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PIPE_BYTES } from "../../lib/core/limits/streams.ts";
import { isLinux } from "../../lib/host/runtime.ts";
import { makeBytes } from "./pipe_ends.ts";
import { IOS, makeFolder, RelayRig } from "./relay_rig.ts";

const MIB = 1024 * 1024;
const PAGE = 4096;
const THREE = { streams: [[0], [1], [2]], joins: [{ edges: [0, 1, 2] }] };
const ONE = { streams: [[0]], joins: [{ edges: [0] }] };

describe.each(IOS)("Relays ($name)", ({ io }) => {
  test("join streams in the order of the edges, whenever they come", () => {
    const rig = new RelayRig({ io, streams: [[0], [1], [2]], joins: [{ edges: [2, 0, 1] }] });
    const taker = rig.take(0);
    const parts = [makeBytes(MIB, 0), makeBytes(7, 1), makeBytes(3 * MIB + 1, 2)] as const;
    const feeders = [rig.feed(0), rig.feed(1), rig.feed(2)] as const;
    // What comes too early waits in its pipe.
    rig.carry([[feeders[1], parts[1]], [feeders[0], parts[0].subarray(0, PAGE)]], []);
    expect(taker.read()).toBe(0);
    rig.carry([[feeders[2], parts[2]]], [{ taker, step: 100_000 }]);
    expect(taker.bytes.equals(Buffer.concat([parts[2], parts[0].subarray(0, PAGE), parts[1]]))).toBe(true);
    expect(rig.events.at(-1)).toBe("j0 ended");
    expect([...rig.board.given]).toEqual([PAGE, parts[1].length, parts[2].length]);
  });

  test("join a stream with itself when it may be held", () => {
    const rig = new RelayRig({ io, streams: [[0, 1]], joins: [{ edges: [0, 1] }] });
    const [feeder, taker] = [rig.feed(0), rig.take(0)];
    const bytes = makeBytes(600_000);
    rig.carry([[feeder, bytes]], [{ taker }]);
    expect(taker.bytes.equals(Buffer.concat([bytes, bytes]))).toBe(true);
  });

  test("join values, files and streams", () => {
    const rig = new RelayRig({
      io,
      streams: [[0], [1], [2], [3], [4]],
      joins: [{ edges: [0, 1, 2, 3, 4] }],
    });
    const parts = [
      makeBytes(MIB + 1, 0),
      makeBytes(2 * MIB + 3, 1),
      makeBytes(5, 2),
      Buffer.alloc(0),
    ] as const;
    rig.feedBytes(0, parts[0]);
    rig.feedFile(1, parts[1]);
    rig.feedBytes(3, parts[3]);
    rig.feedFile(4, parts[3]);
    const taker = rig.take(0, { pipeBytes: 16 * PAGE });
    rig.carry([[rig.feed(2), parts[2]]], [{ taker, step: 50_001 }]);
    expect(taker.bytes.equals(Buffer.concat(parts))).toBe(true);
    expect([...rig.board.taken]).toEqual([MIB + 1, 2 * MIB + 3, 5, 0, 0]);
    expect(rig.events.filter((event) => event.endsWith("ended"))).toEqual([
      "s0 ended",
      "s1 ended",
      "s2 ended",
      "s3 ended",
      "s4 ended",
      "j0 ended",
    ]);
  });

  test.each(["w", "a"] as const)("write a join into a file (opened with %j)", (flags) => {
    const rig = new RelayRig({ io, ...THREE });
    const path = rig.takeFile(0, flags);
    const parts = [makeBytes(300_000, 0), makeBytes(MIB, 1), makeBytes(2 * MIB, 2)] as const;
    rig.feedBytes(0, parts[0]);
    rig.feedFile(1, parts[1]);
    const feeder = rig.feed(2);
    expect(rig.fill(feeder, parts[2])).toBe(parts[2].length);
    feeder.close();
    rig.settle();
    expect(readFileSync(path).equals(Buffer.concat(parts))).toBe(true);
    expect(rig.events.at(-1)).toBe("j0 ended");
  });

  test.each(["w", "a"] as const)("write one of a stream's edges into a file (opened with %j)", (flags) => {
    const rig = new RelayRig({ io, streams: [[0, 1]], joins: [{ edges: [0] }, { edges: [1] }] });
    const path = rig.takeFile(0, flags);
    const taker = rig.take(1);
    const bytes = makeBytes(4 * MIB + 1);
    rig.carry([[rig.feed(0), bytes]], [{ taker, step: 100_000 }]);
    expect(readFileSync(path).equals(bytes) && taker.bytes.equals(bytes)).toBe(true);
  });

  test("give a file to several edges at their own pace", () => {
    const rig = new RelayRig({ io, streams: [[0, 1]], joins: [{ edges: [0] }, { edges: [1] }] });
    const bytes = makeBytes(5 * MIB + 3);
    rig.feedFile(0, bytes);
    const takers = [rig.take(0), rig.take(1)] as const;
    rig.carry([], [{ taker: takers[0] }, { taker: takers[1], step: 100_000 }]);
    for (const taker of takers) expect(taker.bytes.equals(bytes)).toBe(true);
  });

  test("end empty streams and joins of nothing but these", () => {
    const rig = new RelayRig({
      io,
      streams: [[0, 1], [2], [3]],
      joins: [{ edges: [0, 2] }, { edges: [1, 3] }],
    });
    const takers = [rig.take(0), rig.take(1)];
    const inputs = [rig.feed(0), rig.feed(1), rig.feed(2)].map((feeder) =>
      [feeder, Buffer.alloc(0)] as const
    );
    rig.carry(inputs, takers.map((taker) => ({ taker })));
    expect(takers.map(({ length }) => length)).toEqual([0, 0]);
    expect(rig.events.sort()).toEqual([
      "j0 ended",
      "j1 ended",
      "s0 begun",
      "s0 ended",
      "s1 begun",
      "s1 ended",
      "s2 begun",
      "s2 ended",
    ]);
  });

  test("skip empty streams between others", () => {
    const rig = new RelayRig({ io, ...THREE });
    const feeders = [rig.feed(0), rig.feed(1), rig.feed(2)] as const;
    const taker = rig.take(0);
    const [a, none, c] = ["a", "", "c"].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
    rig.carry([[feeders[1], none], [feeders[2], c], [feeders[0], a]], [{ taker }]);
    expect(taker.text).toBe("ac");
  });

  test("end a stream whose target is full, and lose nothing", () => {
    const rig = new RelayRig({ io, ...ONE });
    const [feeder, taker] = [rig.feed(0), rig.take(0)];
    const bytes = makeBytes(PIPE_BYTES + 200_000);
    expect(rig.fill(feeder, bytes)).toBe(bytes.length);
    feeder.close();
    rig.settle();
    expect(rig.events).toEqual(["s0 begun"]);
    rig.carry([], [{ taker, step: PAGE }]);
    expect(taker.bytes.equals(bytes)).toBe(true);
    expect(rig.events).toEqual(["s0 begun", "s0 ended", "j0 ended"]);
  });

  test("end a stream that has given its last byte to a target that is full since then", () => {
    const rig = new RelayRig({ io, ...ONE });
    const [feeder, taker] = [rig.feed(0), rig.take(0, { pipeBytes: PAGE })];
    const bytes = makeBytes(PAGE);
    expect(rig.fill(feeder, bytes)).toBe(PAGE);
    expect(rig.board.given[0]).toBe(PAGE);
    feeder.close();
    rig.settle();
    rig.carry([], [{ taker }]);
    expect(taker.bytes.equals(bytes)).toBe(true);
    expect(rig.events).toEqual(["s0 begun", "s0 ended", "j0 ended"]);
  });

  test("tell that a stream cannot be read, and give on what came before", () => {
    const rig = new RelayRig({ io, streams: [[0], [1]], joins: [{ edges: [0, 1] }] });
    const taker = rig.take(0);
    rig.feedBytes(0, Buffer.from("first"));
    rig.relays.openStream(1, { kind: "file", fd: io.open(tmpdir(), "read") });
    rig.carry([], [{ taker }]);
    expect(taker.text).toBe("first");
    expect(rig.events).toEqual(["s0 begun", "s1 begun", "s0 ended", "s1 ended EISDIR", "j0 ended"]);
  });

  test.runIf(isLinux)("tell that a join cannot be written, and drain its stream", () => {
    const rig = new RelayRig({ io, ...ONE });
    const fd = openSync("/dev/full", "w");
    rig.relays.openJoin(0, { fd, isFile: true });
    const feeder = rig.feed(0);
    expect(rig.fill(feeder, makeBytes(3 * MIB))).toBe(3 * MIB);
    expect(rig.events.filter((event) => event !== "s0 begun")).toEqual(["s0 lost", "j0 reader-left ENOSPC"]);
    io.close(fd);
  });

  test("append to what a file holds already", () => {
    const rig = new RelayRig({ io, ...ONE });
    const path = rig.takeFile(0, "a");
    writeFileSync(path, "before ");
    rig.feedBytes(0, Buffer.from("after"));
    rig.settle();
    expect(readFileSync(path, "utf8")).toBe("before after");
  });

  test("forget what was read of a file when its readers leave, before its number comes again", () => {
    const rig = new RelayRig({ io, streams: [[0], [1]], joins: [{ edges: [0] }, { edges: [1] }] });
    const folder = makeFolder();
    const [big, small] = [join(folder, "big"), join(folder, "small")];
    writeFileSync(big, makeBytes(MIB));
    writeFileSync(small, "small");
    const fd = io.open(big, "read");
    rig.relays.openStream(0, { kind: "file", fd });
    const leaver = rig.take(0, { pipeBytes: PAGE });
    rig.settle();
    leaver.close();
    rig.settle();
    expect(rig.events).toEqual(["s0 begun", "s0 lost", "j0 reader-left", "s0 ended"]);
    const opened: number[] = [];
    do opened.unshift(io.open(small, "read")); while (opened[0] !== fd && opened.length < 100);
    for (const other of opened.slice(1)) io.close(other);
    expect(opened[0]).toBe(fd);
    rig.relays.openStream(1, { kind: "file", fd });
    const taker = rig.take(1);
    rig.carry([], [{ taker }]);
    expect(taker.bytes.equals(Buffer.from("small"))).toBe(true);
  });
});

// Elsewhere nobody can tell that a pipe is empty: there the edge has to grow first.
describe.each(IOS.filter(({ name }) => name === "kernel"))("Relays ($name)", ({ io }) => {
  test("end a stream of several edges that is at its end when all that it may hold is held", () => {
    const rig = new RelayRig({ io, streams: [[0, 1]], joins: [{ edges: [0, 1] }] });
    const [feeder, taker] = [rig.feed(0), rig.take(0)];
    const bytes = makeBytes(MIB);
    rig.carry([[feeder, bytes]], [{ taker }]);
    expect(taker.bytes.equals(Buffer.concat([bytes, bytes]))).toBe(true);
  });
});
