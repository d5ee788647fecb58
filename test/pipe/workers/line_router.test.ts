import { Buffer } from "node:buffer";
import { describe, expect, it, test } from "vitest";
import { HeaderReader, LineRouter } from "../../../lib/pipe/workers/line_router.ts";
import { makeKeyReader, workerOfKey } from "../../../lib/pipe/workers/record_key.ts";

const bytes = (text: string): Buffer => Buffer.from(text);

describe("LineRouter", () => {
  it("gives whole lines, however the bytes are cut", () => {
    const text = "one\ntwo\n\nthree\nlast";
    for (let step = 1; step <= text.length; step++) {
      const router = new LineRouter({ count: 1, key: { kind: "column", column: 1 } });
      const routed = [];
      for (let at = 0; at < text.length; at += step) {
        routed.push(...router.route(bytes(text.slice(at, at + step))));
      }
      for (const { bytes: lines } of routed) expect(Buffer.from(lines).toString()).toMatch(/\n$/);
      routed.push(...router.end());
      expect(Buffer.concat(routed.map((each) => each.bytes)).toString()).toBe(text);
      expect(router.end()).toEqual([]);
    }
  });

  it("gives the lines of a key to one lane, in their order", () => {
    const lines = Array.from({ length: 3000 }, (_, at) => `{"user":"u${at % 37}","n":${at}}\n`);
    const router = new LineRouter({ count: 4, key: { kind: "pointer", path: ["user"] } });
    const lanes = new Map<number | undefined, string>();
    const text = lines.join("");
    for (let at = 0; at < text.length; at += 1000) {
      for (const { lane, bytes: part } of router.route(bytes(text.slice(at, at + 1000)))) {
        lanes.set(lane, (lanes.get(lane) ?? "") + Buffer.from(part).toString());
      }
    }
    expect([...lanes.keys()].sort()).toEqual([0, 1, 2, 3]);
    for (const [lane, part] of lanes) {
      const expected = lines.filter((_, at) => workerOfKey(`u${at % 37}`, 4) === lane);
      expect(part).toBe(expected.join(""));
    }
  });
});

describe("LineRouter, at the end of what has no line break at its end", () => {
  it.each([[1, "a\nlast"], [3, "a\nlast\n"]])("with %i lanes", (count, expected) => {
    const router = new LineRouter({ count, key: { kind: "column", column: 1 } });
    const routed = [...router.route(bytes("a\nlast")), ...router.end()];
    expect(Buffer.concat(routed.map((each) => each.bytes)).toString()).toBe(expected);
    expect(router.end()).toEqual([]);
  });
});

describe("HeaderReader", () => {
  it("takes the first lines away, however the bytes are cut", () => {
    const text = "a,b\n----\n1,2\n3,4";
    for (const [lines, header] of [[0, ""], [1, "a,b\n"], [2, "a,b\n----\n"], [9, text]] as const) {
      for (let step = 1; step <= text.length; step++) {
        const reader = new HeaderReader(lines);
        let rest = "";
        for (let at = 0; at < text.length; at += step) {
          rest += Buffer.from(reader.take(bytes(text.slice(at, at + step)))).toString();
        }
        expect([Buffer.from(reader.bytes).toString(), rest]).toEqual([header, text.slice(header.length)]);
      }
    }
  });
});

describe("makeKeyReader()", () => {
  it.each(
    [
      [{ kind: "pointer", path: ["a", "b"] }, '{"a":{"b":"x"}}', "x"],
      [{ kind: "pointer", path: ["a", "0"] }, '{"a":[7]}', "7"],
      [{ kind: "pointer", path: ["a"] }, '{"a":{"b":1}}', '{"b":1}'],
      [{ kind: "pointer", path: ["b"] }, '{"a":1}', ""],
      [{ kind: "pointer", path: ["toString"] }, "{}", ""],
      [{ kind: "pointer", path: ["a"] }, "no json", ""],
      [{ kind: "pointer", path: [] }, '"x"', "x"],
      [{ kind: "column", column: 2 }, "  one two  three", "two"],
      [{ kind: "column", column: 3, separator: "," }, "a,,c", "c"],
      [{ kind: "column", column: 9 }, "one", ""],
      [{ kind: "pattern", pattern: "id=(\\d+)" }, "x id=42 y", "42"],
      [{ kind: "pattern", pattern: "\\d+" }, "x 42 y", "42"],
      [{ kind: "pattern", pattern: "z" }, "x", ""],
    ] as const,
  )("%j finds in %j the key %j", (rule, line, key) => {
    expect(makeKeyReader(rule)(line)).toBe(key);
  });
});

describe("workerOfKey()", () => {
  it("spreads keys evenly", () => {
    const counts = [0, 0, 0];
    for (let at = 0; at < 3000; at++) {
      const worker = workerOfKey(`key ${at}`, 3);
      counts[worker] = (counts[worker] ?? 0) + 1;
    }
    for (const count of counts) expect(count).toBeGreaterThan(800);
  });
});

describe("makeKeyReader()", () => {
  it("finds a column between blanks as awk does: other spaces are characters", () => {
    const second = makeKeyReader({ kind: "column", column: 2 });
    const lines = ["a k", "a\u00a0b k", " \ta\u2003b \t k c", "\ufeffa k\r", "a\u000bb k "];
    expect(lines.map(second)).toEqual(lines.map(() => "k"));
    expect(["a", "", "a "].map(second)).toEqual(["", "", ""]);
  });
});

test("a HeaderReader puts a header in many pieces together once", () => {
  const reader = new HeaderReader(2);
  for (const part of ["on", "e\nt", "wo"]) expect(reader.take(bytes(part))).toHaveLength(0);
  expect(Buffer.from(reader.take(bytes("\nbody"))).toString()).toBe("body");
  expect(Buffer.from(reader.bytes).toString()).toBe("one\ntwo\n");
  expect(reader.bytes).toBe(reader.bytes);
});
