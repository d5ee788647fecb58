/** Streams that are withheld until their writer has ended well, and joins that are kept for another try. */
import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { BLOCK_BYTES } from "../../lib/core/limits/streams.ts";
import { IOS, RelayRig } from "./relay_rig.ts";

const text = (value: string): Buffer => Buffer.from(value);
const LARGE = Buffer.from(new Uint8Array(3 * BLOCK_BYTES + 7).map((_, at) => at % 251));
const ROOM = { memoryBytes: 8 * BLOCK_BYTES, spillBytes: 64 * BLOCK_BYTES };

describe.each(IOS)("with $name relays", ({ io }) => {
  it("gives nothing of a withheld stream before it is released", () => {
    const rig = new RelayRig({ io, ...ROOM, streams: [[0]], joins: [{ edges: [0] }], withheld: [0] });
    const feeder = rig.feed(0);
    const taker = rig.take(0);
    expect(rig.fill(feeder, LARGE)).toBe(LARGE.length);
    feeder.close();
    rig.settle();
    expect([taker.read(), taker.isAtEnd]).toEqual([0, false]);
    rig.relays.releaseStream(0);
    rig.carry([], [{ taker }]);
    expect(taker.bytes).toEqual(LARGE);
  });

  it("forgets what a withheld stream has brought when it is rewound", () => {
    const rig = new RelayRig({
      io,
      ...ROOM,
      streams: [[0, 1]],
      joins: [{ edges: [0] }, { edges: [1] }],
      withheld: [0],
    });
    const takers = [rig.take(0), rig.take(1)];
    rig.fill(rig.feed(0), LARGE);
    rig.relays.rewindStream(0);
    expect(rig.relays.store.usedBytes).toEqual({ memory: 0, spill: 0 });
    const second = rig.feed(0);
    second.write(text("second"));
    second.close();
    rig.settle();
    rig.relays.releaseStream(0);
    rig.carry([], takers.map((taker) => ({ taker })));
    expect(takers.map((taker) => taker.bytes)).toEqual([text("second"), text("second")]);
  });

  it("knows after it is rewound that its readers have left", () => {
    const rig = new RelayRig({ io, ...ROOM, streams: [[0]], joins: [{ edges: [0] }], withheld: [0] });
    rig.feed(0).write(text("half"));
    rig.relays.dropJoin(0);
    rig.relays.rewindStream(0);
    expect([...rig.board.isLost]).toEqual([1]);
  });

  it("gives nothing at all of a withheld stream that is closed", () => {
    const rig = new RelayRig({ io, ...ROOM, streams: [[0]], joins: [{ edges: [0] }], withheld: [0] });
    const taker = rig.take(0);
    rig.fill(rig.feed(0), text("half"));
    rig.relays.closeStream(0);
    rig.carry([], [{ taker }]);
    expect(taker.bytes).toEqual(text(""));
  });

  it("waits with a withheld stream when the store is full", () => {
    const rig = new RelayRig({
      io,
      memoryBytes: 0,
      spillBytes: 0,
      streams: [[0]],
      joins: [{ edges: [0] }],
      withheld: [0],
    });
    rig.take(0);
    const feeder = rig.feed(0);
    expect(rig.fill(feeder, new Uint8Array(16 * BLOCK_BYTES))).toBeLessThan(16 * BLOCK_BYTES);
    expect(rig.stream(0).log.lacksRoom).toBe(true);
  });

  it.each(["pipe", "file", "bytes"] as const)("gives a kept join again from the beginning: %s", (kind) => {
    const rig = new RelayRig({
      io,
      ...ROOM,
      streams: [[0], [1]],
      joins: [{ edges: [0, 1] }],
      kept: [0],
    });
    const first = rig.take(0);
    const feeder = rig.feed(0);
    rig.fill(feeder, text("first "));
    if (kind === "file") rig.feedFile(1, LARGE);
    else if (kind === "bytes") rig.feedBytes(1, LARGE);
    rig.settle();
    first.read(3);
    first.close();
    rig.relays.rewindJoin(0);
    feeder.close();
    if (kind === "pipe") {
      const other = rig.feed(1);
      rig.fill(other, LARGE);
      other.close();
    }
    rig.settle();
    for (const _ of [1, 2]) {
      const again = rig.take(0);
      rig.carry([], [{ taker: again }]);
      expect(again.bytes).toEqual(Buffer.concat([text("first "), LARGE]));
      rig.relays.rewindJoin(0);
    }
    rig.relays.settleJoin(0);
    rig.settle();
    expect(rig.relays.store.usedBytes).toEqual({ memory: 0, spill: 0 });
  });

  it("goes on taking for a kept join whose reader has left", () => {
    const rig = new RelayRig({ io, ...ROOM, streams: [[0]], joins: [{ edges: [0] }], kept: [0] });
    const feeder = rig.feed(0);
    rig.take(0).close();
    expect(rig.fill(feeder, LARGE)).toBe(LARGE.length);
    expect(rig.events).not.toContain("s0 lost");
    rig.relays.settleJoin(0);
    rig.settle();
    expect(rig.events).toContain("s0 lost");
  });
});
