/** `sluice check FLOW` */
import { findHazards } from "../../graph/find_hazards.ts";
import { findUnaccepted } from "../../graph/find_unaccepted.ts";
import { planFlow } from "../../graph/plan_flow.ts";
import { isNamedPipe } from "../../host/named_pipe.ts";
import { preflight } from "../../process/preflight.ts";
import { canLook } from "../../process/process_table.ts";
import { howIsWritten } from "../../process/output_place.ts";
import { formatCheck } from "../../report/check_text.ts";
import { writeText } from "../../report/write_text.ts";
import { CANNOT_SEE, listUncached } from "../../run/read_watch.ts";
import { openFlow, refuse } from "../open_flow.ts";
import type { Arguments } from "../read_arguments.ts";
import { readProcesses, readStart } from "../read_arguments.ts";
import { wantsColor } from "../terminal.ts";

export async function checkCommand(given: Arguments): Promise<number> {
  const { options } = given;
  const isPlain = options["no-color"] === true;
  const color = wantsColor(2, isPlain);
  const { flow, text } = await openFlow(given, color);
  const planned = planFlow(flow, {
    isNamedPipe,
    canLook: canLook(),
    start: readStart(options.start),
    processes: readProcesses(options.processes),
  });
  if (!planned.ok) return refuse(planned.issues, { text, color }) ?? 2;
  refuse(preflight(planned.plan), { text, color });
  const { plan } = planned;
  const { hazards, isComplete } = findHazards(plan);
  const uncached = await listUncached(plan);
  const said = options.json === true
    ? `${
      JSON.stringify({
        flow: flow.name,
        actors: plan.actors.map(({ name }) => name),
        edges: plan.edges,
        hazards,
        unaccepted: findUnaccepted(flow),
        uncached,
        outputs: plan.outputs.map(({ target }) => ({ target, written: howIsWritten(target) })),
      })
    }\n`
    : formatCheck(plan, {
      hazards,
      isComplete,
      unaccepted: findUnaccepted(flow),
      uncached: { actors: uncached, reason: CANNOT_SEE },
      outputs: plan.outputs.map(({ target }) => ({ target, written: howIsWritten(target) })),
      color: wantsColor(1, isPlain),
    });
  writeText(1, said);
  return 0;
}
