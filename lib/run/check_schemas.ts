/**
 * Whether the JSON Schemas of messages are any, which a flow file may say as it likes. Loaded only where messages are held
 * against them, or somebody asks.
 */
import type { Actor } from "../core/flow.ts";
import { tellOnce } from "../core/instance.ts";
import type { FlowIssue } from "../core/issue.ts";
import { schemaProblem } from "../data/json_schema.ts";

/** Issues of the actors whose schemas are none. */
export function checkSchemas(actors: Iterable<Actor>): readonly FlowIssue[] {
  return tellOnce([...actors].flatMap(checkActor));
}

function checkActor({ name, messaging }: Actor): readonly FlowIssue[] {
  const { fields } = messaging ?? {};
  if (fields === undefined) return [];
  return (["accepts", "emits"] as const).flatMap((side) =>
    Object.entries(fields[side]).flatMap(([type, schema]) => {
      const problem = schemaProblem(schema);
      if (problem === undefined) return [];
      const message =
        `Cannot hold messages "${type}" against what "${name}" ${side}: ${problem} (expected a ${DRAFT})`;
      return [{ path: ["actors", name, side, type], message }];
    })
  );
}

const DRAFT = "JSON Schema of draft 2020-12";
