/** Issues of a flow as one line each, `path: message`, for tests that compare all of them. */
import { checkFlow, type CheckOptions } from "../../lib/flow/check/check_flow.ts";
import type { Flow } from "../../lib/core/flow.ts";
import { pathText } from "../../lib/flow/read/json_path.ts";

export function messagesOf(input: unknown, options: Partial<CheckOptions> = {}): string[] {
  const checked = checkFlow(input, { folder: "/flows", ...options });
  return checked.ok ? [] : checked.issues.map(({ path, message }) => `${pathText(path)}: ${message}`);
}

export function flowOf(input: unknown, options: Partial<CheckOptions> = {}): Flow {
  const checked = checkFlow(input, { folder: "/flows", ...options });
  if (!checked.ok) throw new Error(checked.issues.map((issue) => issue.message).join("\n"));
  return checked.flow;
}
