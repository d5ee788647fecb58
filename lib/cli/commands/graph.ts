/** `sluice graph FLOW --format mermaid|dot|svg` */
import type { Plan } from "../../core/plan.ts";
import type { PictureOptions } from "../../report/picture.ts";
import { writeText } from "../../report/write_text.ts";
import { planHere } from "../../run/plan_here.ts";
import { openFlow, withPlaces } from "../open_flow.ts";
import type { Arguments } from "../read_arguments.ts";
import { wantsColor } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";

/** Each format loads only what it needs. */
const FORMATS: Readonly<Record<string, (plan: Plan, options: PictureOptions) => Promise<string>>> = {
  mermaid: async (plan, options) => (await import("../../report/mermaid.ts")).formatMermaid(plan, options),
  dot: async (plan, options) => (await import("../../report/dot.ts")).formatDot(plan, options),
  svg: async (plan, options) => await (await import("../../report/svg.ts")).renderSvg(plan, options),
};

export async function graphCommand(given: Arguments): Promise<number> {
  const { format = "mermaid", "no-color": isPlain = false } = given.options;
  const render = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (render === undefined) {
    throw new UsageError(`Cannot draw as "${format}" (expected --format ${Object.keys(FORMATS).join(", ")})`);
  }
  const color = wantsColor(2, isPlain);
  const { flow, text } = await openFlow(given, color);
  const plan = await withPlaces({ text, color }, () => planHere(flow));
  writeText(1, await render(plan, { isExpanded: given.options.expand === true }));
  return 0;
}
