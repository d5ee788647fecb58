/**
 * Whether a plan can use the standard input and output of this program: asked before anything is started.
 */
import type { FlowIssue } from "../../core/issue.ts";
import type { Plan } from "../../core/plan.ts";
import { isGiven } from "../../host/descriptors/standard_streams.ts";

/** Issues of a run whose standard input and output are this program's own, where it says `inherit`. */
export function checkStandard(
  { actors, outputs }: Plan,
  { stdin, stdout }: { readonly stdin: "inherit" | "stream"; readonly stdout: "inherit" | "stream" },
): readonly FlowIssue[] {
  const issues: FlowIssue[] = [];
  if (stdout === "inherit" && outputs.some(({ target }) => target === "-") && !isGiven(1, "write")) {
    issues.push({
      path: [],
      at: "outside",
      message: `Cannot write standard output: ${NOT_GIVEN}, such as >/dev/null)`,
    });
  }
  if (stdin === "inherit" && !isGiven(0, "read")) {
    for (const { name, source } of actors) {
      if (source.kind !== "stdin") continue;
      const message = `Cannot read standard input in actor "${name}": ${NOT_GIVEN}, such as </dev/null)`;
      issues.push({ path: ["actors", name, "stdin"], message });
    }
  }
  return issues;
}

/** Why a descriptor cannot be used that whoever started this program has closed. */
export const NOT_GIVEN = "this program was not given it (expected one that is open";
