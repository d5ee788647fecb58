import { describe, expect, test } from "vitest";
import { parseSize, SIZE } from "../../../lib/flow/schema/size.ts";
import { flowOf, messagesOf } from "../messages_of.ts";

const EXPECTED = '(expected an amount of bytes with its unit, such as "512KiB", "64MiB", "8GiB" or "0B")';

describe("parseSize()", () => {
  test.each([
    ["0", 0],
    ["0B", 0],
    ["0GiB", 0],
    ["1B", 1],
    ["1kB", 1000],
    ["1KB", 1000],
    ["1K", 1024],
    ["1KiB", 1024],
    ["1MB", 1_000_000],
    ["64M", 64 * 1024 ** 2],
    ["64MiB", 64 * 1024 ** 2],
    ["2GB", 2_000_000_000],
    ["2G", 2 * 1024 ** 3],
    ["2GiB", 2 * 1024 ** 3],
    ["3TB", 3e12],
    ["3T", 3 * 1024 ** 4],
    ["3TiB", 3 * 1024 ** 4],
    ["1.5GiB", 1.5 * 1024 ** 3],
    ["0.5KiB", 512],
    ["64 MiB", 64 * 1024 ** 2],
    ["007KiB", 7 * 1024],
  ])("reads %s", (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test("rounds to whole bytes", () => {
    expect(["0.4B", "0.5B", "1.0004kB", "0.1KiB"].map(parseSize)).toEqual([0, 1, 1000, 102]);
  });

  test.each([
    "",
    "64",
    "00",
    "MiB",
    "64mib",
    "64kb",
    "64 ",
    " 64B",
    "64  B",
    "-1B",
    "+1B",
    "1,5GB",
    "1.GB",
    ".5GB",
    "1e3B",
    "64MiB/s",
    "1PB",
    "B64",
    "0x10B",
    "٣B",
  ])(
    "refuses %j",
    (text) =>
      expect({ size: parseSize(text), matches: SIZE.test(text) }).toEqual({
        size: undefined,
        matches: false,
      }),
  );
});

describe("checkFlow()", () => {
  const actors = { a: { run: ["true"] } };

  test("takes limits in bytes, also none at all", () => {
    const limits = { processes: 2, memory: "1.5MiB", spill: "0" };
    expect(flowOf({ limits, actors }).limits).toEqual({
      processes: 2,
      memoryBytes: 1_572_864,
      spillBytes: 0,
    });
    expect(flowOf({ limits: { spill: "1TB" }, actors }).limits).toEqual({ spillBytes: 1e12 });
    expect(flowOf({ limits: {}, actors }).limits).toEqual({});
  });

  test("reports sizes without a unit, or with one that is none", () => {
    expect(messagesOf({ limits: { memory: "64 mb", spill: "1e9B" }, actors })).toEqual([
      `limits.memory: Cannot read "memory": it is the string "64 mb" ${EXPECTED}`,
      `limits.spill: Cannot read "spill": it is the string "1e9B" ${EXPECTED}`,
    ]);
  });
});
