import { expect, test } from "vitest";
import { fieldsText } from "../../../lib/report/text/fields_text.ts";

test.each<[unknown, string]>([
  [{ type: "object", properties: { a: { type: "string" }, b: {} }, required: ["a"] }, "{a: string, b?: any}"],
  [
    { type: "array", items: { type: "object", properties: { a: { type: ["string", "null"] } } } },
    "{a?: string | null}[]",
  ],
  [{ enum: ["x", 1] }, '"x" | 1'],
  [{ const: null }, "null"],
  [{ type: "object", properties: {} }, "{}"],
  [{ $ref: "#/x" }, "any"],
  [undefined, "any"],
  [
    {
      properties: {
        a: { properties: { b: { properties: { c: { properties: { d: { type: "string" } } } } } } },
      },
    },
    "{a?: {b?: {c?: {…}}}}",
  ],
])("%j is %s", (schema, text) => {
  expect(fieldsText(schema)).toBe(text);
});
