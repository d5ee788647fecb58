/** `sluice check FLOW` */
import type { Flow } from "../../core/flow.ts";
import type { FlowIssue } from "../../core/issue.ts";
import { findUnaccepted } from "../../graph/find_unaccepted.ts";
import { listTalks } from "../../graph/list_messaging.ts";
import { FolderLooks, howIsWritten } from "../../process/start/output_place.ts";
import { formatCheck } from "../../report/text/check_text.ts";
import { listUnneeded } from "../../report/text/list_unneeded.ts";
import { writeText } from "../../report/sinks/write_text.ts";
import { toFlowError, toShown } from "../../run/plan_here.ts";
import { CANNOT_SEE, listUncached } from "../../run/cache/read_watch.ts";
import { check } from "../../run/check_here.ts";
import { openFlow, withPlaces } from "../line/open_flow.ts";
import type { Arguments } from "../line/read_arguments.ts";
import { readProcesses, readStart } from "../line/read_arguments.ts";
import { wantsColor } from "../line/terminal.ts";

export async function checkCommand(given: Arguments): Promise<number> {
  const { options } = given;
  const isPlain = options["no-color"] === true;
  const color = wantsColor(2, isPlain);
  const { flow, text } = await openFlow(given, color);
  const { plan, hazards, isComplete } = await withPlaces({ text, color }, async () => {
    const checked = check(flow, {
      start: readStart(options.start),
      processes: readProcesses(options.processes),
    });
    const issues = [...checked.issues, ...await listSchemaIssues(flow)];
    if (issues.length > 0) throw toFlowError(issues);
    return checked;
  });
  const uncached = await listUncached(plan);
  const looks = new FolderLooks();
  const outputs = plan.outputs.map(({ target }) => ({ target, written: howIsWritten(target, looks) }));
  const said = options.json === true
    ? `${
      JSON.stringify({
        flow: flow.name,
        actors: plan.actors.map(({ name }) => name),
        edges: plan.edges,
        hazards,
        messages: listTalks(flow),
        unaccepted: findUnaccepted(flow),
        unusedSets: flow.unusedSets,
        unneeded: listUnneeded(plan),
        uncached,
        outputs,
      })
    }\n`
    : formatCheck(plan, {
      isExpanded: options.expand === true,
      hazards,
      isComplete,
      unaccepted: findUnaccepted(flow),
      uncached: { actors: uncached, reason: CANNOT_SEE },
      outputs,
      color: wantsColor(1, isPlain),
    });
  writeText(1, said);
  return 0;
}

/** What is wrong with the schemas of messages, if there are any. */
async function listSchemaIssues(flow: Flow): Promise<readonly FlowIssue[]> {
  if (![...flow.actors.values()].some(({ messaging }) => messaging?.fields !== undefined)) return [];
  const { checkSchemas } = await import("../../run/check_schemas.ts");
  return toShown(checkSchemas(flow.actors.values()), flow);
}
