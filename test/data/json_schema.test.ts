import { describe, expect, test } from "vitest";
import { compileSchema, schemaProblem } from "../../lib/data/json_schema.ts";

const DEPOSIT = {
  type: "object",
  properties: {
    amount: { type: "number" },
    shares: { type: "integer", minimum: 1 },
    items: { type: "array", items: { type: "object", properties: { at: {} }, required: ["at"] } },
    "a/b": { type: ["string", "null"] },
  },
  required: ["amount"],
  additionalProperties: false,
};

describe("compileSchema()", () => {
  test.each<[unknown, string | undefined]>([
    [{ amount: 1 }, undefined],
    [{ amount: "1" }, 'field "amount" is a string (expected number)'],
    [{ amount: null }, 'field "amount" is null (expected number)'],
    [{}, 'field "amount" is missing'],
    [{ amount: 1, shares: 0 }, 'field "shares" must be >= 1'],
    [{ amount: 1, shares: 1.5 }, 'field "shares" is a number (expected integer)'],
    [{ amount: 1, items: [{ at: 1 }, {}] }, 'field "items[1].at" is missing'],
    [{ amount: 1, items: {} }, 'field "items" is an object (expected array)'],
    [{ amount: 1, "a/b": 1 }, 'field "a/b" is a whole number (expected string or null)'],
    [{ amount: 1, other: 1 }, 'field "other" is not one of the fields'],
    [{ amount: 1, ["x".repeat(200)]: 1 }, `field "${"x".repeat(100)}…" is not one of the fields`],
    [[], "the message is a list (expected object)"],
    [null, "the message is null (expected object)"],
  ])("says of %j what is wrong", (value, problem) => {
    expect(compileSchema(DEPOSIT)(value)).toBe(problem);
  });

  test("knows no schema by the name of another one, and takes format as a remark", () => {
    const named = (type: string) =>
      compileSchema({
        $id: "https://example.org/a",
        $defs: { x: { type } },
        properties: { x: { $ref: "#/$defs/x" } },
      });
    expect([named("string")({ x: 1 }), named("number")({ x: 1 })])
      .toEqual(['field "x" is a whole number (expected string)', undefined]);
    expect(compileSchema({ type: "string", format: "date" })("no date")).toBeUndefined();
  });
});

test.each([
  [{ type: "nmuber" }, 'field "type" must be equal to one of the allowed values'],
  [{ properties: 5 }, 'field "properties" is a whole number (expected object)'],
  [
    { $ref: "https://example.org/elsewhere" },
    "can't resolve reference https://example.org/elsewhere from id #",
  ],
  [{ $schema: "http://json-schema.org/draft-07/schema#" }, "no schema with key or ref"],
  [{ properties: { a: { pattern: "(" } } }, "nvalid regular expression"],
])("schemaProblem() says why %j is no schema", (schema, problem) => {
  expect(schemaProblem(schema)).toContain(problem);
  expect(schemaProblem(DEPOSIT)).toBeUndefined();
});
