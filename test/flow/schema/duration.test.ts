import { describe, expect, test } from "vitest";
import { parseDuration } from "../../../lib/flow/schema/duration.ts";

const EXPECTED = '(expected such as "500ms", "5s", "2m", "1h")';

describe("parseDuration()", () => {
  test.each([["500ms", 500], ["5s", 5000], ["2m", 120_000], ["1h", 3_600_000], ["0s", 0], ["1.5s", 1500], [
    "8760h",
    31_536_000_000,
  ]])(
    "reads %s",
    (text, ms) => expect(parseDuration(text)).toEqual({ ok: true, ms }),
  );

  test.each([
    ["5", `it has no unit ${EXPECTED}`],
    ["", `it is no duration ${EXPECTED}`],
    ["-1s", `it is no duration ${EXPECTED}`],
    ["5 s", `it is no duration ${EXPECTED}`],
    ["5d", `it is no duration ${EXPECTED}`],
    ["8761h", 'it is too long (expected at most "8760h")'],
  ])("refuses %j", (text, reason) => expect(parseDuration(text)).toEqual({ ok: false, reason }));
});
