/** `sluice graph FLOW --format mermaid|dot|svg` */
import type { Plan } from "../../core/plan.ts";
import { planFlow } from "../../graph/plan_flow.ts";
import { isNamedPipe } from "../../host/named_pipe.ts";
import { canLook } from "../../process/process_table.ts";
import { writeText } from "../../report/write_text.ts";
import { openFlow, refuse } from "../open_flow.ts";
import type { Arguments } from "../read_arguments.ts";
import { wantsColor } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";

/** Each format loads only what it needs. */
const FORMATS: Readonly<Record<string, (plan: Plan) => Promise<string>>> = {
  mermaid: async (plan) => (await import("../../report/mermaid.ts")).formatMermaid(plan),
  dot: async (plan) => (await import("../../report/dot.ts")).formatDot(plan),
  svg: async (plan) => await (await import("../../report/svg.ts")).renderSvg(plan),
};

export async function graphCommand(given: Arguments): Promise<number> {
  const { format = "mermaid", "no-color": isPlain = false } = given.options;
  const render = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (render === undefined) {
    throw new UsageError(`Cannot draw as "${format}" (expected --format ${Object.keys(FORMATS).join(", ")})`);
  }
  const color = wantsColor(2, isPlain);
  const { flow, text } = await openFlow(given, color);
  const planned = planFlow(flow, { isNamedPipe, canLook: canLook() });
  if (!planned.ok) return refuse(planned.issues, { text, color }) ?? 2;
  writeText(1, await render(planned.plan));
  return 0;
}
