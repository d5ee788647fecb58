/**
 * What `--dry-run` prints: the actors in start order with their commands, and the outputs.
 */
import { isProcess, streamName } from "../../core/flow.ts";
import type { Plan } from "../../core/plan.ts";
import { dirname } from "node:path";
import { describeActor, outputName, shortPath } from "../text/actor_text.ts";
import { collapsePlan, countText } from "../text/collapse.ts";
import type { PictureOptions } from "./picture.ts";
import { makeOneLine } from "../text/make_harmless.ts";

/** The lines of the text, made one after the other: plans may be long. */
export function* listPlanLines(
  given: Plan,
  { isExpanded = false }: PictureOptions = {},
): Generator<string, void, undefined> {
  const { plan, counts } = isExpanded
    ? { plan: given, counts: new Map<string, number>() }
    : collapsePlan(given);
  const { flow } = plan;
  yield `${makeOneLine(flow.name)}: would start, ${
    plan.start === "lazy"
      ? "each when its inputs have begun"
      : plan.processes === undefined
      ? "all at once"
      : "in this order"
  }${plan.processes === undefined ? "" : `, at most ${plan.processes} at a time`}:`;
  for (const actor of plan.actors) {
    const inputs = actor.inputs.map(({ name, streams }) =>
      `${name === "stdin" ? "" : `${name}=`}${streams.map(streamName).join("+")}`
    );
    const reads = inputs.length === 0 ? "" : `  < ${inputs.join(" ")}`;
    const isElsewhere = isProcess(actor) && (flow.file === undefined || dirname(flow.file) !== actor.cwd);
    const place = isElsewhere ? `  (in ${makeOneLine(shortPath(actor.cwd, flow))})` : "";
    yield `  ${actor.name}${countText(actor.name, counts)}: ${
      makeOneLine(describeActor(actor, flow))
    }${reads}${place}`;
  }
  for (const output of [...plan.outputs, ...plan.splits.flatMap(({ files }) => files)]) {
    yield `  ${outputName(output.target, flow)}${countText(output.target, counts)} < ${
      output.streams.map(streamName).join("+")
    }`;
  }
}
