/**
 * What a picture of a plan shows, whatever its format: boxes and arrows with their texts, not yet escaped.
 */
import { streamName } from "../../core/flow.ts";
import type { Carrier, Plan } from "../../core/plan.ts";
import { describeActor, outputName } from "../text/actor_text.ts";
import { collapsePlan, type Counts, countText } from "../text/collapse.ts";
import { makeHarmless, makeOneLine } from "../text/make_harmless.ts";
import { shorten } from "../text/shell_quote.ts";

/** `process` is started; `value`, `file` and `stdin` are sources; `output` is where the flow's output goes. */
export type BoxKind = "process" | "value" | "file" | "stdin" | "output";

export interface Box {
  /** Plain letters and digits. */
  readonly id: string;
  readonly kind: BoxKind;
  readonly name: string;
  readonly explain?: string;
  /** The command or what the source is, in full. */
  readonly detail?: string;
  /** The same, short enough for a box. */
  readonly shortDetail?: string;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** The ports, where they are not stdout and stdin. Empty for most. */
  readonly label: string;
  readonly carrier: Carrier;
  readonly isOnCycle: boolean;
  /** Names and reason, for a tooltip. */
  readonly hint: string;
}

export interface PictureOptions {
  /** True: a box for each instance of an actor, not one for all. @default false */
  readonly isExpanded?: boolean;
}

const NO_COUNTS: Counts = new Map();

export interface Picture {
  readonly title: string;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

const DETAIL_CHARACTERS_MAX = 36;
const EXPLAIN_CHARACTERS_MAX = 48;
const HINT_CHARACTERS_MAX = 1_000;

/** Collects what a picture shows. */
export function drawPlan(given: Plan, { isExpanded = false }: PictureOptions = {}): Picture {
  const { plan, counts } = isExpanded ? { plan: given, counts: NO_COUNTS } : collapsePlan(given);
  const ids = new Map<string, string>();
  const boxes: Box[] = [];
  for (const actor of plan.actors) {
    const id = `a${boxes.length}`;
    ids.set(`actor ${actor.name}`, id);
    const kind = actor.source.kind === "run" || actor.source.kind === "sh" ? "process" : actor.source.kind;
    const explain = actor.explain === undefined
      ? undefined
      : shorten(toLine(actor.explain), EXPLAIN_CHARACTERS_MAX);
    boxes.push({
      id,
      kind,
      name: actor.name + countText(actor.name, counts),
      ...(explain === undefined ? {} : { explain }),
      ...detail(describeActor(actor, plan.flow)),
    });
  }
  for (const { target } of plan.outputs) {
    const id = `o${boxes.length}`;
    ids.set(`output ${target}`, id);
    boxes.push({
      id,
      kind: "output",
      name: shorten(toLine(outputName(target, plan.flow)), EXPLAIN_CHARACTERS_MAX) +
        countText(target, counts),
    });
  }
  const arrows = plan.edges.map((edge): Arrow => {
    const to = edge.to.kind === "actor" ? `actor ${edge.to.actor}` : `output ${edge.to.target}`;
    const fromPort = edge.from.port === "stdout" ? "" : edge.from.port;
    const toPort = edge.to.kind === "output" || edge.to.port === "stdin" ? "" : edge.to.port;
    return {
      from: idOf(ids, `actor ${edge.from.actor}`),
      to: idOf(ids, to),
      label: fromPort !== "" && toPort !== "" ? `${fromPort} → ${toPort}` : fromPort + toPort,
      carrier: edge.carrier,
      isOnCycle: edge.isOnCycle,
      hint: toLine(`${streamName(edge.from)}: ${edge.carrier}, ${edge.reason}`),
    };
  });
  return { title: plan.flow.name, boxes, arrows };
}

function detail(text: string): Pick<Box, "detail" | "shortDetail"> {
  const line = toLine(text);
  return { detail: shorten(line, HINT_CHARACTERS_MAX), shortDetail: shorten(line, DETAIL_CHARACTERS_MAX) };
}

function toLine(text: string): string {
  return makeHarmless(makeOneLine(text), { keepsColors: false });
}

function idOf(ids: ReadonlyMap<string, string>, key: string): string {
  const id = ids.get(key);
  if (id === undefined) throw new Error(`The plan has an edge but no end for it: ${key}`);
  return id;
}
