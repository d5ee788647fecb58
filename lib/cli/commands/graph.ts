/** `sluice graph FLOW --format mermaid|dot|svg [--db FILE]` */
import type { Flow } from "../../core/flow.ts";
import type { Plan } from "../../core/plan.ts";
import { hidePlan } from "../../core/secrets.ts";
import type { Talk } from "../../core/messaging.ts";
import { listSeenTalks, listTalks } from "../../graph/list_messaging.ts";
import type { PictureOptions } from "../../report/picture/picture.ts";
import { writeText } from "../../report/sinks/write_text.ts";
import { planHere } from "../../run/plan_here.ts";
import { openFlow, withPlaces } from "../line/open_flow.ts";
import type { Arguments } from "../line/read_arguments.ts";
import { wantsColor } from "../line/terminal.ts";
import { UsageError } from "../line/usage_error.ts";

/** Each format loads only what it needs. */
const FORMATS: Readonly<Record<string, (plan: Plan, options: PictureOptions) => Promise<string>>> = {
  mermaid: async (plan, options) =>
    (await import("../../report/picture/mermaid.ts")).formatMermaid(plan, options),
  dot: async (plan, options) => (await import("../../report/picture/dot.ts")).formatDot(plan, options),
  svg: async (plan, options) => await (await import("../../report/picture/svg.ts")).renderSvg(plan, options),
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
  const { db } = given.options;
  const talks = db === undefined ? listTalks(flow) : await listSeen(flow, db);
  writeText(1, await render(hidePlan(plan), { isExpanded: given.options.expand === true, talks }));
  return 0;
}

/** What was said in the newest run of a database. */
async function listSeen(flow: Flow, db: string): Promise<readonly Talk[]> {
  const { openArchive } = await import("../line/open_archive.ts");
  const archive = openArchive(db);
  try {
    const [newest] = archive.listRuns();
    return newest === undefined ? [] : listSeenTalks(flow, archive.listTalks(newest));
  } finally {
    archive.close();
  }
}
