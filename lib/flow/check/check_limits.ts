/**
 * What the processes of an actor may use. The schema has seen to the form.
 */
import type { ActorLimits } from "../../core/flow.ts";
import type { CheckContext } from "./check_context.ts";
import { checkDuration } from "./check_duration.ts";
import { checkSize } from "./check_size.ts";
import type { ActorFile } from "../schema/actor_schema.ts";

/** The limits; undefined when there are none. What is wrong is reported and left out. */
export function checkLimits(
  limits: ActorFile["limits"],
  { path, check }: { readonly path: readonly string[]; readonly check: CheckContext },
): ActorLimits | undefined {
  if (limits === undefined) return undefined;
  const memoryBytes = checkSize(limits.memory, {
    path: [...path, "memory"],
    check,
    whyNotZero: "nothing can run in no memory",
  });
  const cpuMs = checkDuration(limits.cpu, { path: [...path, "cpu"], check });
  return {
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    // The system counts whole seconds.
    ...(cpuMs === undefined ? {} : { cpuMs: Math.ceil(cpuMs / 1000) * 1000 }),
    ...(limits.files === undefined ? {} : { files: limits.files }),
  };
}
