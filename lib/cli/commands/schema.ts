/** `sluice schema` */
import { flowJsonSchema } from "../../flow/schema/json_schema.ts";
import { writeText } from "../../report/sinks/write_text.ts";

export function schemaCommand(): number {
  writeText(1, `${JSON.stringify(flowJsonSchema(), undefined, 2)}\n`);
  return 0;
}
