/**
 * The JSON Schema of flow files, by which editors complete and check them. Only the schema command needs it.
 */
import { toJsonSchema } from "@valibot/to-json-schema";
import { ActorSchema, SOURCE_KEYS } from "./actor_schema.ts";
import { FlowSchema } from "./schema.ts";

/** Made from the schema that validates; `flow.schema.json` holds the same. */
export function flowJsonSchema(): object {
  const schema = toJsonSchema(FlowSchema, {
    target: "draft-07",
    typeMode: "input",
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      if (valibotSchema !== ActorSchema) return undefined;
      return { ...jsonSchema, oneOf: SOURCE_KEYS.map((key) => ({ required: [key] })) };
    },
  });
  const { $schema, ...rest } = schema;
  return { $schema, title: "Sluice flow", description: "A graph of processes joined by pipes.", ...rest };
}
