/**
 * Several actors that are run again together. In each of these the unit is two of them, `first` and `second`:
 *
 *   outside ─0─▶ first ─1─▶ second ─2─▶ reader          first ─3─▶ another reader
 */
import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { BLOCK_BYTES } from "../../lib/core/limits/streams.ts";
import { IOS, RelayRig } from "./relay_rig.ts";

const text = (value: string): Buffer => Buffer.from(value);
const ROOM = { memoryBytes: 8 * BLOCK_BYTES, spillBytes: 64 * BLOCK_BYTES };
const UNIT = {
  streams: [[0], [1, 3], [2]],
  joins: [{ edges: [0] }, { edges: [1] }, { edges: [2] }, { edges: [3] }],
  units: [{ actors: ["first", "second"], streams: [1, 2], joins: [0, 1], withheld: [2, 3], kept: [0] }],
};

describe.each(IOS)("with $name relays", ({ io }) => {
  it("give between them as it comes, out of them nothing before all is well, into them the same again", () => {
    const rig = new RelayRig({ io, ...ROOM, ...UNIT });
    const readers = [rig.take(2), rig.take(3)];
    const outside = rig.feed(0);
    outside.write(text("given"));
    outside.close();
    for (const attempt of ["bad", "good"]) {
      const [intoFirst, intoSecond] = [rig.take(0), rig.take(1)];
      const [first, second] = [rig.feed(1), rig.feed(2)];
      first.write(text(`first ${attempt}`));
      second.write(text(`second ${attempt}`));
      rig.carry([], [{ taker: intoFirst }]);
      expect(intoFirst.bytes).toEqual(text("given"));
      rig.settle();
      intoSecond.read();
      expect(intoSecond.bytes).toEqual(text(`first ${attempt}`));
      expect(readers.map((reader) => reader.read())).toEqual([0, 0]);
      first.close();
      second.close();
      rig.carry([], [{ taker: intoSecond }]);
      if (attempt === "bad") rig.relays.units.rewind(0);
    }
    rig.relays.units.release(0);
    rig.carry([], readers.map((taker) => ({ taker })));
    expect(readers.map(({ bytes }) => bytes)).toEqual([text("second good"), text("first good")]);
  });

  it("lose a reader inside only until the next try", () => {
    const rig = new RelayRig({
      io,
      ...ROOM,
      streams: [[0], [1]],
      joins: [{ edges: [0] }, { edges: [1] }],
      units: [{ actors: ["first", "second"], streams: [0, 1], joins: [0], withheld: [1], kept: [] }],
    });
    const reader = rig.take(1);
    rig.feed(0).write(text("forgotten"));
    const second = rig.take(0);
    second.close();
    rig.settle();
    expect(rig.board.isLost[0]).toBe(1);
    rig.relays.closeStream(0);
    rig.relays.units.rewind(0);
    expect(rig.board.isLost[0]).toBe(0);
    const [again, first] = [rig.take(0), rig.feed(0)];
    first.write(text("once more"));
    first.close();
    rig.carry([], [{ taker: again }]);
    expect(again.bytes).toEqual(text("once more"));
    rig.feed(1).close();
    rig.relays.units.release(0);
    rig.carry([], [{ taker: reader }]);
    expect(reader.bytes).toEqual(text(""));
  });

  it("give nothing at all when the last try has failed, and let go of what was kept", () => {
    const rig = new RelayRig({ io, ...ROOM, ...UNIT });
    const readers = [rig.take(2), rig.take(3)];
    const outside = rig.feed(0);
    rig.fill(outside, Buffer.alloc(3 * BLOCK_BYTES));
    const [intoFirst, intoSecond] = [rig.take(0), rig.take(1)];
    const [first, second] = [rig.feed(1), rig.feed(2)];
    first.write(text("half"));
    second.write(text("half"));
    rig.settle();
    rig.relays.units.fail(0);
    rig.carry([], readers.map((taker) => ({ taker })));
    expect(readers.map(({ bytes }) => bytes)).toEqual([text(""), text("")]);
    expect(rig.board.isLost[0]).toBe(1);
    expect(rig.relays.store.usedBytes).toEqual({ memory: 0, spill: 0 });
    for (const end of [intoFirst, intoSecond]) end.close();
  });
});
