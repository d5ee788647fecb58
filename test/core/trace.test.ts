import { describe, expect, test } from "vitest";
import { readTraceParent, spanIdOf, traceParentOf } from "../../lib/core/trace.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";

describe("readTraceParent()", () => {
  test("reads what W3C's recommendation shows, and later versions", () => {
    expect(readTraceParent(`00-${traceId}-b7ad6b7169203331-01`))
      .toEqual({ traceId, spanId: "b7ad6b7169203331", flags: "01" });
    expect(readTraceParent(`01-${traceId}-b7ad6b7169203331-00-more`)?.flags).toBe("00");
  });

  test.each([
    undefined,
    "",
    "x",
    `ff-${traceId}-b7ad6b7169203331-01`,
    `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
    `00-${traceId}-${"0".repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-b7ad6b7169203331-01`,
  ])("refuses %s", (text) => expect(readTraceParent(text)).toBe(undefined));
});

test("spanIdOf() gives each name an identity of its own, the same each time", () => {
  const context = { traceId, flags: "01" };
  const ids = new Set(Array.from({ length: 100_000 }, (_, at) => spanIdOf(context, `actor${at}`)));
  expect(ids.size).toBe(100_000);
  for (const id of ids) if (!/^[0-9a-f]{16}$/.test(id)) throw new Error(id);
  expect(spanIdOf(context, "a")).toBe(spanIdOf({ traceId, flags: "00" }, "a"));
  expect(readTraceParent(traceParentOf(context, ""))).toEqual({ ...context, spanId: spanIdOf(context, "") });
});
