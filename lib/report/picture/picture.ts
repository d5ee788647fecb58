/**
 * What a picture of a plan shows, whatever its format: boxes and arrows with their texts, not yet escaped.
 */
import { basename, dirname, isAbsolute } from "node:path";
import type { Actor, Flow } from "../../core/flow.ts";
import { streamName } from "../../core/flow.ts";
import { boxesOf } from "../../core/instance.ts";
import type { Talk } from "../../core/messaging.ts";
import type { Carrier, Plan } from "../../core/plan.ts";
import { describeActor, outputName, shortPath } from "../text/actor_text.ts";
import { collapsePlan, type Counts, countText } from "../text/collapse.ts";
import { makeHarmless, makeOneLine } from "../text/make_harmless.ts";
import { shorten } from "../text/shell_quote.ts";

/** `process` is started; `value`, `file` and `stdin` are sources; `output` is where the flow's output goes. */
export type BoxKind = "process" | "value" | "file" | "stdin" | "split" | "remote" | "output";

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
  /** The names of the frames around it, from the outside in. */
  readonly frames: readonly string[];
}

/** Drawn around the actors of a flow that another one uses. */
export interface Frame {
  /** Plain letters and digits. */
  readonly id: string;
  readonly name: string;
  readonly explain?: string;
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

/** What actors say to each other: one arrow for all that one says to another. */
export interface MessageArrow {
  readonly from: string;
  readonly to: string;
  /** Types and topics. */
  readonly label: string;
  readonly hint: string;
}

export interface PictureOptions {
  /** True: a box for each instance of an actor, not one for all. @default false */
  readonly isExpanded?: boolean;
  /** @default nothing is drawn of messages */
  readonly talks?: readonly Talk[];
}

const NO_COUNTS: Counts = new Map();

export interface Picture {
  readonly title: string;
  readonly boxes: readonly Box[];
  /** By name, from the outside in. */
  readonly frames: ReadonlyMap<string, Frame>;
  readonly arrows: readonly Arrow[];
  readonly messages: readonly MessageArrow[];
}

const DETAIL_CHARACTERS_MAX = 36;
const EXPLAIN_CHARACTERS_MAX = 48;
const HINT_CHARACTERS_MAX = 1_000;

/** Collects what a picture shows. */
export function drawPlan(given: Plan, { isExpanded = false, talks = [] }: PictureOptions = {}): Picture {
  const { plan, counts } = isExpanded ? { plan: given, counts: NO_COUNTS } : collapsePlan(given);
  const ids = new Map<string, string>();
  const boxes: Box[] = [];
  const frames = new Map<string, Frame>();
  for (const actor of plan.actors) {
    const id = `a${boxes.length}`;
    ids.set(`actor ${actor.name}`, id);
    const kind = actor.source.kind === "run" || actor.source.kind === "sh" ? "process" : actor.source.kind;
    for (const name of boxesOf(actor.name)) {
      const box = given.flow.uses.get(name);
      const id = `f${frames.size}`;
      if (!frames.has(name)) frames.set(name, { id, name: toLine(name), ...explained(box?.explain) });
    }
    boxes.push({
      id,
      kind,
      name: actor.name + countText(actor.name, counts),
      frames: boxesOf(actor.name),
      ...explained(actor.explain),
      ...detail(describeActor(withoutFolder(actor, plan.flow), plan.flow)),
    });
  }
  for (const { target } of [...plan.outputs, ...plan.splits.flatMap(({ files }) => files)]) {
    const id = `o${boxes.length}`;
    ids.set(`output ${target}`, id);
    boxes.push({
      id,
      kind: "output",
      name: shorten(toLine(outputName(withoutOuter(target, plan.flow), plan.flow)), EXPLAIN_CHARACTERS_MAX) +
        countText(target, counts),
      frames: [],
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
  arrows.push(...drawKeys(plan, ids));
  return { title: plan.flow.name, boxes, frames, arrows, messages: drawTalks(talks, ids) };
}

/** From what splits to the files of its keys. */
function drawKeys({ splits }: Plan, ids: ReadonlyMap<string, string>): readonly Arrow[] {
  return splits.flatMap(({ actor: { name }, files }) =>
    files.map(({ target }): Arrow => ({
      from: idOf(ids, `actor ${name}`),
      to: idOf(ids, `output ${target}`),
      label: "",
      carrier: "relay",
      isOnCycle: false,
      hint: toLine(`${name}: a file for each key`),
    }))
  );
}

/** Of actors that are drawn; the others do not take part. */
function drawTalks(talks: readonly Talk[], ids: ReadonlyMap<string, string>): readonly MessageArrow[] {
  return talks.flatMap(({ from, to, words }) => {
    const ends = { from: ids.get(`actor ${from}`), to: ids.get(`actor ${to}`) };
    if (ends.from === undefined || ends.to === undefined) return [];
    const text = toLine(words.join(", "));
    return [{
      from: ends.from,
      to: ends.to,
      label: shorten(text, DETAIL_CHARACTERS_MAX),
      hint: shorten(`${from} → ${to}: ${text}`, HINT_CHARACTERS_MAX),
    }];
  });
}

/** A picture is shown to others, whom folders of this machine tell nothing. */
function withoutFolder(actor: Actor, flow: Flow): Actor {
  const { source } = actor;
  if (source.kind === "file") {
    return { ...actor, source: { ...source, path: withoutOuter(source.path, flow) } };
  }
  if (source.kind !== "run" || flow.file === undefined) return actor;
  const folder = `${dirname(flow.file)}/`;
  const [program, ...args] = source.argv.map((word) => word.replaceAll(folder, ""));
  return { ...actor, source: { ...source, argv: [program ?? "", ...args] } };
}

/** Devices and the like are what they are everywhere. */
const EVERYWHERE = /^\/(?:dev|proc|sys)\//;

/** A path below the flow's folder as it is; of one that is elsewhere its last part. */
function withoutOuter(path: string, flow: Flow): string {
  if (path === "-" || EVERYWHERE.test(path) || shortPath(path, flow) !== path || !isAbsolute(path)) {
    return path;
  }
  return `.../${basename(path)}`;
}

/** What is drawn in a frame: boxes and frames, in the order of the boxes. */
export type Framed = { readonly box: Box } | { readonly frame: Frame; readonly inside: readonly Framed[] };

/** Boxes by the frames around them. */
export function nestBoxes({ boxes, frames }: Pick<Picture, "boxes" | "frames">): readonly Framed[] {
  const top: Framed[] = [];
  const open = new Map<string, Framed[]>();
  for (const box of boxes) {
    let inside = top;
    for (const name of box.frames) {
      const frame = frames.get(name);
      const known = open.get(name);
      const next = known ?? [];
      open.set(name, next);
      if (known === undefined && frame !== undefined) inside.push({ frame, inside: next });
      inside = next;
    }
    inside.push({ box });
  }
  return top;
}

function explained(text: string | undefined): { readonly explain?: string } {
  return text === undefined ? {} : { explain: shorten(toLine(text), EXPLAIN_CHARACTERS_MAX) };
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
