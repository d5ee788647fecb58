import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { flowJsonSchema } from "../../../lib/flow/schema/json_schema.ts";

test("flow.schema.json holds what flowJsonSchema() makes", () => {
  const committed: unknown = JSON.parse(
    readFileSync(new URL("../../../flow.schema.json", import.meta.url), "utf8"),
  );
  expect(committed).toEqual(JSON.parse(JSON.stringify(flowJsonSchema())));
});
