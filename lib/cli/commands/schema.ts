/** `sluice schema` */
import { flowJsonSchema } from "../../flow/json_schema.ts";
import { writeText } from "../../report/write_text.ts";

export function schemaCommand(): number {
  writeText(1, `${JSON.stringify(flowJsonSchema(), undefined, 2)}\n`);
  return 0;
}
