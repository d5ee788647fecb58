/**
 * Several streams merged by lines.
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { MERGE_LINE_BYTES } from "../../lib/core/limits/streams.ts";
import type { Feeder, Taker } from "./pipe_ends.ts";
import { IOS, RelayRig } from "./relay_rig.ts";

const TWO = { streams: [[0], [1]], joins: [{ edges: [0, 1], merge: "lines" }] } as const;

/** Writes pieces of the streams in turn, then ends them. */
function feedPieces(rig: RelayRig, pieces: readonly (readonly [Feeder, string])[]): void {
  for (const [feeder, piece] of pieces) {
    feeder.write(Buffer.from(piece));
    rig.settle();
  }
  for (const [feeder] of pieces) feeder.close();
}

function sortedLines({ text }: Taker): readonly string[] {
  return text.split("\n").sort();
}

describe.each(IOS)("merge by lines ($name)", ({ io }) => {
  test("keeps lines whole that come in pieces", () => {
    const rig = new RelayRig({ io, ...TWO });
    const [a, b, taker] = [rig.feed(0), rig.feed(1), rig.take(0)];
    feedPieces(rig, [[a, "a1 and"], [b, "b1 and"], [a, " more\na2"], [b, " more\n"], [a, "\n"]]);
    rig.carry([], [{ taker }]);
    expect(taker.text).toBe("a1 and more\nb1 and more\na2\n");
  });

  test("passes a line on when it is whole, while the other stream is silent", () => {
    const rig = new RelayRig({ io, ...TWO });
    const [a, taker] = [rig.feed(0), rig.take(0)];
    rig.feed(1);
    a.write(Buffer.from("whole\nbegun"));
    rig.settle();
    taker.read();
    expect(taker.text).toBe("whole\n");
  });

  test("completes a last line, and adds nothing to empty streams and empty lines", () => {
    const rig = new RelayRig({
      io,
      streams: [[0], [1], [2], [3]],
      joins: [{ edges: [0, 1, 2, 3], merge: "lines" }],
    });
    const taker = rig.take(0);
    rig.feedBytes(0, Buffer.from("value"));
    rig.feedFile(1, Buffer.from("file\n\n\nlast"));
    rig.feedBytes(2, Buffer.alloc(0));
    rig.carry([[rig.feed(3), Buffer.from("\n")]], [{ taker }]);
    expect(sortedLines(taker)).toEqual(["", "", "", "", "file", "last", "value"]);
    expect(rig.events.at(-1)).toBe("j0 ended");
  });

  test("leaves a stream alone as it is", () => {
    const rig = new RelayRig({ io, streams: [[0]], joins: [{ edges: [0], merge: "lines" }] });
    const taker = rig.take(0);
    rig.carry([[rig.feed(0), Buffer.from("a\nno end")]], [{ taker }]);
    expect(taker.text).toBe("a\nno end");
  });

  test("passes a very long line on without others in between", () => {
    const rig = new RelayRig({ io, ...TWO });
    const [a, b, taker] = [rig.feed(0), rig.feed(1), rig.take(0)];
    const long = Buffer.alloc(3 * MERGE_LINE_BYTES, "x");
    const shorts = "short\n".repeat(10_000);
    b.write(Buffer.from(shorts));
    rig.carry([[a, Buffer.concat([long, Buffer.from("\n"), long])], [b, Buffer.from(shorts)]], [{
      taker,
      step: 200_000,
    }]);
    const lines = taker.text.split("\n");
    expect(lines.filter((line) => line === "short")).toHaveLength(20_000);
    expect(lines.filter((line) => line !== "short").map(({ length }) => length)).toEqual([
      long.length,
      long.length,
      0,
    ]);
  });

  test("holds other streams back only until a long line has ended", () => {
    const rig = new RelayRig({ io, ...TWO });
    const [a, b, taker] = [rig.feed(0), rig.feed(1), rig.take(0)];
    const long = Buffer.alloc(MERGE_LINE_BYTES + 100_000, "x");
    for (let done = 0; done < long.length; taker.read()) done += rig.fill(a, long.subarray(done));
    b.write(Buffer.from("short\n"));
    rig.settle();
    taker.read();
    expect(taker.length).toBe(long.length);
    a.write(Buffer.from("\nbegun"));
    rig.settle();
    taker.read();
    expect(taker.text.slice(long.length)).toBe("\nshort\n");
  });

  test("lets another stream be held in the middle of a long line, when its edge has grown", () => {
    const rig = new RelayRig({ io, ...TWO, spillBytes: 8 * MERGE_LINE_BYTES });
    const [a, b, taker] = [rig.feed(0), rig.feed(1), rig.take(0)];
    const long = Buffer.alloc(MERGE_LINE_BYTES + 100_000, "x");
    for (let done = 0; done < long.length; taker.read()) done += rig.fill(a, long.subarray(done));
    const others = Buffer.alloc(3 * MERGE_LINE_BYTES, "other\n");
    const first = rig.fill(b, others);
    expect(first).toBeLessThan(others.length);
    rig.relays.grow(rig.edge(1), Infinity);
    rig.settle();
    expect(first + rig.fill(b, others.subarray(first))).toBe(others.length);
    rig.carry([[a, Buffer.from("\n")], [b, Buffer.alloc(0)]], [{ taker }]);
    expect(taker.text).toBe(`${long.toString()}\n${others.toString()}`);
  });

  test("merges a stream with several readers, and into a file", () => {
    const rig = new RelayRig({
      io,
      streams: [[0, 1], [2]],
      joins: [{ edges: [0, 2], merge: "lines" }, { edges: [1] }],
    });
    const lines = (name: string, count: number): string =>
      Array.from({ length: count }, (_, at) => `${name}${at}\n`).join("");
    const path = rig.takeFile(0);
    const taker = rig.take(1);
    rig.carry([[rig.feed(0), Buffer.from(lines("a", 50_000))], [
      rig.feed(1),
      Buffer.from(lines("b", 30_000)),
    ]], [
      { taker, step: 30_000 },
    ]);
    const merged = readFileSync(path, "utf8");
    expect(taker.text).toBe(lines("a", 50_000));
    expect(merged.match(/^a.*\n/gm)?.join("")).toBe(lines("a", 50_000));
    expect(merged.match(/^b.*\n/gm)?.join("")).toBe(lines("b", 30_000));
    expect(merged.length).toBe(lines("a", 50_000).length + lines("b", 30_000).length);
  });

  test("merges thousands of streams in a time that does not grow with their square", () => {
    const numbers = Array.from({ length: 5000 }, (_, at) => at);
    const rig = new RelayRig({
      io,
      streams: numbers.map((at) => [at]),
      joins: [{ edges: numbers, merge: "lines" }],
    });
    const path = rig.takeFile(0);
    for (const at of numbers) rig.feedBytes(at, Buffer.from(`${at}`));
    rig.settle();
    const merged = readFileSync(path, "utf8").split("\n").slice(0, -1).map(Number);
    expect(merged.sort((a, b) => a - b)).toEqual(numbers);
    expect(rig.events.at(-1)).toBe("j0 ended");
  });

  test("gives everybody a turn when all have much to say", () => {
    const rig = new RelayRig({ io, ...TWO });
    const taker = rig.take(0);
    const inputs = ["a", "b"].map((name, stream) =>
      [rig.feed(stream), Buffer.from(`${name.repeat(99)}\n`.repeat(20_000))] as const
    );
    for (const [feeder, bytes] of inputs) feeder.write(bytes);
    rig.settle();
    taker.read(500_000);
    const [a, b] = ["a", "b"].map((name) =>
      taker.text.split("\n").filter((line) => line.startsWith(name)).length
    );
    expect(Math.min(a ?? 0, b ?? 0)).toBeGreaterThan(1000);
  });

  test("drops all edges when the reader leaves in the middle of a line", () => {
    const rig = new RelayRig({ io, ...TWO });
    const [a, b, taker] = [rig.feed(0), rig.feed(1), rig.take(0)];
    a.write(Buffer.from("one\nbegun"));
    b.write(Buffer.from("begun too"));
    rig.settle();
    taker.close();
    expect(rig.fill(a, Buffer.alloc(2_500_000, "x\n"))).toBe(2_500_000);
    expect(rig.fill(b, Buffer.alloc(2_500_000, "x\n"))).toBe(2_500_000);
    expect(rig.events.filter((event) => !event.endsWith("begun"))).toEqual([
      "s0 lost",
      "s1 lost",
      "j0 reader-left",
    ]);
  });
});
