/**
 * What the processes of an actor may use. The schema has seen to the form.
 */
import type { ActorLimits } from "../core/flow.ts";
import type { CheckContext } from "./check_context.ts";
import { checkDuration } from "./check_duration.ts";
import { quote } from "./names.ts";
import type { ActorFile } from "./schema.ts";
import { parseSize } from "./size.ts";

/** The limits; undefined when there are none. What is wrong is reported and left out. */
export function checkLimits(
  limits: ActorFile["limits"],
  { path, check }: { readonly path: readonly string[]; readonly check: CheckContext },
): ActorLimits | undefined {
  if (limits === undefined) return undefined;
  const memoryBytes = checkMemory(limits.memory, { path: [...path, "memory"], check });
  const cpuMs = checkDuration(limits.cpu, { path: [...path, "cpu"], check });
  return {
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    // The system counts whole seconds.
    ...(cpuMs === undefined ? {} : { cpuMs: Math.ceil(cpuMs / 1000) * 1000 }),
    ...(limits.files === undefined ? {} : { files: limits.files }),
  };
}

function checkMemory(
  text: string | undefined,
  { path, check }: { readonly path: readonly string[]; readonly check: CheckContext },
): number | undefined {
  const bytes = text === undefined ? undefined : parseSize(text);
  if (text === undefined || bytes !== 0) return bytes;
  const message = `Cannot read "memory": ${quote(text)}: nothing can run in no memory (expected more than 0)`;
  check.report({ path, message });
  return undefined;
}
