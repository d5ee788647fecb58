import { describe, expect, test } from "vitest";
import { readFields } from "../../../lib/flow/check/check_message_types.ts";

describe("readFields()", () => {
  test("makes a JSON Schema of fields", () => {
    expect(readFields({
      amount: "number",
      note: "string?",
      at: { x: "integer", y: "any?" },
      tags: ["string"],
      rows: [{ id: "string" }],
    })).toEqual({
      ok: true,
      schema: {
        type: "object",
        properties: {
          amount: { type: "number" },
          note: { type: "string" },
          at: { type: "object", properties: { x: { type: "integer" }, y: {} }, required: ["x"] },
          tags: { type: "array", items: { type: "string" } },
          rows: {
            type: "array",
            items: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
          },
        },
        required: ["amount", "at", "tags", "rows"],
      },
    });
    expect(readFields({})).toEqual({ ok: true, schema: { type: "object", properties: {} } });
  });

  test("takes a JSON Schema as it is, also for a field", () => {
    const schema = { type: "object", properties: { a: { type: "string", pattern: "^x" } } };
    expect(readFields(schema)).toEqual({ ok: true, schema });
    expect(readFields({ a: { enum: [1, 2] } })).toMatchObject({
      schema: { properties: { a: { enum: [1, 2] } } },
    });
  });

  test("a field may have any name", () => {
    const read = readFields(
      JSON.parse('{"__proto__": "string", "constructor": "number?", "type": "string"}'),
    );
    expect(JSON.stringify(read)).toBe(
      JSON.stringify({
        ok: true,
        schema: {
          type: "object",
          properties: JSON.parse(
            '{"__proto__":{"type":"string"},"constructor":{"type":"number"},"type":{"type":"string"}}',
          ) as unknown,
          required: ["__proto__", "type"],
        },
      }),
    );
  });

  test.each([
    [{ a: "text" }, ["a"], 'there is no type "text"'],
    [{ a: { b: ["text"] } }, ["a", "b", 0], 'there is no type "text"'],
    [{ a: [] }, ["a"], "it has not exactly one type for what is in it"],
    [{ a: 1 }, ["a"], "it is 1"],
    [null, [], "it is null"],
  ])("refuses %j", (fields, path, reason) => {
    expect(readFields(fields)).toEqual({ ok: false, path, reason });
  });
});
