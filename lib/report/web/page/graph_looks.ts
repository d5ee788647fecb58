/**
 * How each node and line of the graph looks, by what the run is doing.
 */
import { formatBytes } from "../../text/format_bytes.ts";
import type { PageActor } from "../page_actor.ts";
import type { PageLine, PageNode } from "../page_layout.ts";
import type { PageEdge, PageGroup, PageOutput, PageRing, PageRun } from "../page_run.ts";
import type { Tone } from "./facts.ts";
import {
  fillOf,
  frameAsGroup,
  groupText,
  groupTone,
  isFull,
  rateText,
  shortStatus,
  SIGNS,
  toneOf,
} from "./facts.ts";
import type { Palette } from "./palette.ts";

export interface Looks {
  readonly run: PageRun;
  readonly actors: ReadonlyMap<string, PageActor>;
  readonly groups: ReadonlyMap<string, PageGroup>;
  readonly outputs: ReadonlyMap<string, PageOutput>;
  readonly edges: ReadonlyMap<number, PageEdge>;
  /** The actors of the ring that is drawn; empty when there is none. */
  readonly ring: readonly string[];
  /** Which node stands for an actor: itself, or what it is folded into. */
  readonly nodeOf: (actor: string) => string;
}

/** A ring that was resolved is shown for so long. */
const RING_SHOWN_MS = 3_000;

export function lookAt(run: PageRun, open: ReadonlySet<string>): Looks {
  const actors = new Map(run.actors.map((actor) => [actor.name, actor]));
  return {
    run,
    actors,
    groups: new Map([
      ...run.frames.filter(({ name }) => !open.has(name)).map(({ name }) =>
        [name, frameAsGroup(run, name)] as const
      ),
      ...run.groups.map((group) => [group.name, group] as const),
    ]),
    outputs: new Map(run.outputs.map((output) => [output.target, output])),
    edges: new Map(run.edges.map((edge) => [edge.id, edge])),
    ring: shownRing(run)?.actors ?? [],
    nodeOf: (name) => {
      const actor = actors.get(name);
      if (actor === undefined) return name;
      const { group, frames } = actor;
      return frames.find((frame) => !open.has(frame)) ??
        (group !== undefined && !open.has(group) ? group : name);
    },
  };
}

export function shownRing({ rings, run }: PageRun): PageRing | undefined {
  const last = rings.at(-1);
  if (last === undefined) return undefined;
  return last.kind === "deadlock" || run.endedAt === undefined && run.at - last.at < RING_SHOWN_MS
    ? last
    : undefined;
}

export interface NodeLook {
  readonly tone: Tone;
  readonly sign: string;
  readonly title: string;
  readonly detail: string;
  readonly isStacked: boolean;
}

/** Its colour alone: what is left of a node from afar. */
export function nodeTone({ actors, groups, outputs, run }: Looks, { name, kind }: PageNode): Tone {
  if (kind === "output") {
    return outputs.get(name)?.isKept === false ? "failed" : run.run.endedAt === undefined ? "idle" : "done";
  }
  const group = kind === "actor" ? undefined : groups.get(name);
  if (group !== undefined) return groupTone(group);
  const actor = actors.get(name);
  return actor === undefined ? "idle" : toneOf(actor);
}

export function nodeLook(looks: Looks, node: PageNode): NodeLook {
  const { actors, groups, outputs, run } = looks;
  const { name, kind } = node;
  const tone = nodeTone(looks, node);
  const sign = SIGNS[tone];
  if (kind === "output") {
    const output = outputs.get(name);
    const made = output?.files === undefined ? "" : `${output.files} files`;
    const bytes = output?.bytes === undefined ? "" : formatBytes(output.bytes);
    const detail = output?.isKept === false
      ? "not put in place"
      : [made, bytes].filter((text) => text !== "").join(", ");
    return { tone, sign: "→", title: name === "-" ? "standard output" : name, detail, isStacked: false };
  }
  const group = kind === "actor" ? undefined : groups.get(name);
  if (group !== undefined) {
    return { tone, sign, title: `${name} ×${group.count}`, detail: groupText(group), isStacked: true };
  }
  const actor = actors.get(name);
  if (actor === undefined) return { tone, sign, title: name, detail: "", isStacked: kind !== "actor" };
  return {
    tone,
    sign,
    title: name,
    detail: [shortStatus(actor, run.run.endedAt ?? run.run.at), ...queueText(actor)].join(" · "),
    isStacked: actor.members !== undefined || actor.workers !== undefined,
  };
}

function queueText({ messages, state }: PageActor): readonly string[] {
  return messages?.queued === undefined || state !== "running" ? [] : [`${messages.queued} queued`];
}

export interface EdgeLook {
  readonly color: (palette: Palette) => string;
  readonly width: number;
  readonly dash: number[];
}

export interface EdgeLabel {
  readonly text: string;
  readonly fill?: number | undefined;
  readonly isFull: boolean;
}

const DASHES: Readonly<Record<PageEdge["carrier"], number[]>> = { pipe: [], descriptor: [], relay: [5, 3] };
const MESSAGE_DASH: number[] = [2, 3];
const RANK = { failed: 3, works: 2, soft: 1, line: 0 } as const;

/** A line stands for several edges when they are folded: it shows the worst of them. */
export function edgeLook({ edges, run }: Looks, { edges: ids, isMessages }: PageLine): EdgeLook {
  if (isMessages) return { color: ({ message }) => message, width: 1.3, dash: MESSAGE_DASH };
  const isOver = run.run.endedAt !== undefined;
  let kind: keyof typeof RANK = "line";
  let rate = 0;
  let carrier: PageEdge["carrier"] | undefined;
  for (const id of ids) {
    const edge = edges.get(id);
    if (edge === undefined) continue;
    carrier ??= edge.carrier;
    // The last rate of an edge that has ended stays known.
    const current = isOver || edge.state !== "open" ? 0 : edge.rate ?? 0;
    rate += current;
    const each = !isOver && isFull(edge)
      ? "failed"
      : current > 0
      ? "works"
      : !isOver && edge.state === "open"
      ? "soft"
      : "line";
    if (RANK[each] > RANK[kind]) kind = each;
  }
  const width = 1.2 + Math.min(2.8, Math.log10(1 + rate) / 3) + (carrier === "pipe" ? 0.6 : 0);
  return {
    color: ({ tones, soft, line }) => kind === "soft" ? soft : kind === "line" ? line : tones[kind],
    // In steps: not each rate is another width.
    width: Math.round(width * 5) / 5,
    dash: DASHES[carrier ?? "pipe"],
  };
}

/** What passes all edges of a line, and the fullest of them. */
export function edgeLabel({ edges, run }: Looks, { edges: ids, isMessages, label }: PageLine): EdgeLabel {
  if (isMessages) return { text: label, isFull: false };
  const all = ids.flatMap((id) => edges.get(id) ?? []);
  const rate = sumOf(all, (edge) => edge.rate);
  const bytes = sumOf(all, (edge) => edge.bytes);
  const isOver = run.run.endedAt !== undefined || all.every(({ state }) => state === "ended");
  return {
    text: isOver || rate === undefined || rate === 0
      ? bytes === undefined ? "" : formatBytes(bytes)
      : rateText(rate),
    fill: isOver ? undefined : worthABar(all.map(fillOf).reduce(maxOf, undefined)),
    isFull: run.run.endedAt === undefined && all.some(isFull),
  };
}

function sumOf(edges: readonly PageEdge[], of: (edge: PageEdge) => number | undefined): number | undefined {
  return edges.map(of).reduce((sum, value) => value === undefined ? sum : (sum ?? 0) + value, undefined);
}

/** An edge that holds nothing has no bar. */
function worthABar(fill: number | undefined): number | undefined {
  return fill === undefined || fill < 0.005 ? undefined : fill;
}

function maxOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b);
}
