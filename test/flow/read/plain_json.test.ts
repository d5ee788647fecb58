import { describe, expect, it } from "vitest";
import { parseFlowText } from "../../../lib/flow/read/flow_text.ts";
import { DEPTH_MAX, readPlainJson } from "../../../lib/flow/read/plain_json.ts";

const lists = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

describe("readPlainJson()", () => {
  it.each([
    "{}",
    "[]",
    '"a: b"',
    " null\n",
    '{"a": {"b": [1, "x", {"c": null}]}, "d" : "}\\"{", "e\\\\": "\\\\", "": [] }',
    '{"__proto__": {"a": 1}, "constructor": 1}',
    '{"text": "a \\" : b", "a\\":": ":", "\\u0061": 1}',
    lists(DEPTH_MAX),
  ])("gives of %j what the parser with places gives", (text) => {
    const parsed = parseFlowText(text);
    expect(parsed).toMatchObject({ ok: true, slips: [] });
    expect(readPlainJson(text)).toEqual({ value: parsed.ok && parsed.text.value });
  });

  it.each([
    "",
    "{",
    '{"a": 1,}',
    '{"a": 1} // comment',
    '{"a": 1, "a": 2}',
    '{"a": {"b": 1, "\\u0062": 2}}',
    '{"__proto__": 1, "__proto__": 2}',
    '{"a": [1e400]}',
    "[12345678901234567890]",
    lists(DEPTH_MAX + 1),
    lists(100_000),
  ])("leaves %j to the parser with places", (text) => {
    expect(readPlainJson(text)).toBeUndefined();
  });
});
